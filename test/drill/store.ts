import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { inside } from "../../tools/lab/machine-processes";
import { type LabAddresses, namespaceOf } from "../../tools/lab/plan";
import { untilSucceeds } from "../../tools/lab/until";
import { rootCommand } from "../../tools/run";
import { buildGoModule } from "../../tools/supply/go-module";
import { s3Store } from "../../tools/supply/recipes/modules";
import { credentials, makeStore } from "../tools/backup/store";

const port = 7070;

/** An S3 server in a lab, beside its mirror: control planes come and go, and what it holds stays. */
export async function startStore(lab: string, { mirror }: LabAddresses) {
  const [directory, programs] = [makeStore(), await buildGoModule(s3Store, (line) => console.error(line))];
  const [gateway, about, objects] = [join(programs, "versitygw"), join(directory, "about"), join(directory, "s3")];
  const serve = [gateway, "--quiet", "--port", `${mirror}:${port}`, "posix", "--sidecar", about, objects] as const;
  const [program, ...args] = rootCommand(["ip", "netns", "exec", namespaceOf(lab, "mirror"), ...serve]);
  const env = { ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey };
  const server = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  await untilSucceeds("the S3 server", 30, () =>
    inside(lab, "mirror", "bash", "-c", `exec 3<>/dev/tcp/${mirror}/${port}`),
  );
  return {
    endpoint: `http://${mirror}:${port}`,
    directory,
    async stop() {
      if (server.exitCode !== null || server.signalCode !== null) return;
      server.kill();
      await once(server, "exit");
    },
  };
}
