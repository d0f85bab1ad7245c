import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { asRoot, rootCommand } from "../../tools/run";
import type { ApiServer } from "./processes";

const repository = join(__dirname, "../..");
const programs = join(repository, "node-config/control-plane/usr/local/sbin");

/** A control plane for the scripts that change its encryption key: /etc is its own, its API server runs on loopback. */
export interface EncryptingNode {
  /** Its /etc/kubernetes/kjerne/encryption.yaml, as the API server's process finds it. */
  readonly file: string;
  /** Writes that file, as a set of files does. */
  write(content: string): Promise<void>;
  /** Says which API server runs here. */
  runs(apiServer: ApiServer, binDirectory: string): Promise<void>;
  /** Runs a script of node-config/ as root; the error has what it wrote to stderr. */
  run(script: string, stdin: string): Promise<void>;
  start(script: string, stdin: string): { kill(): void; readonly ended: Promise<void> };
  /** What runs after the file was written. */
  use(): Promise<void>;
  /** Process of the API server; another one after a restart. */
  pid(): Promise<string>;
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  remove(): Promise<void>;
}

export async function encryptingNode(): Promise<EncryptingNode> {
  const machine = await mkdtemp(join(tmpdir(), "kjerne-encryption-"));
  const kubernetes = join(machine, "etc/kubernetes");
  const file = join(kubernetes, "kjerne/encryption.yaml");
  await mkdir(join(kubernetes, "kjerne"), { recursive: true });
  await mkdir(join(kubernetes, "manifests"));
  await Promise.all(["overlay", "bin"].map((name) => mkdir(join(machine, name))));
  let apiServer: ApiServer;
  let path: string;

  const start = (argv: readonly string[], stdin: string) => {
    const overlay = `lowerdir=/etc,upperdir=${machine}/etc,workdir=${machine}/overlay`;
    const inside = `mount --types overlay overlay --options "$0" /etc; PATH=$1; shift; exec "$@"`;
    const [program, ...args] = rootCommand([
      "unshare",
      "--mount",
      "bash",
      "--norc",
      "-euc",
      inside,
      overlay,
      path,
      ...argv,
    ]);
    const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"], detached: true });
    child.stdin.on("error", () => {}).end(stdin);
    const ended = Promise.all([text(child.stderr), once(child, "close")]);
    return { kill: () => process.kill(-(child.pid as number), "SIGKILL"), ended };
  };
  const finish = async (argv: readonly string[], stdin: string) => {
    const [stderr, [code]] = await start(argv, stdin).ended;
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}`);
  };

  return {
    file,
    write: (content) => writeFile(file, content, { mode: 0o600 }),
    async runs(server, binDirectory) {
      apiServer = server;
      path = [join(machine, "bin"), programs, binDirectory, process.env.PATH].join(":");
      await writeFile(join(kubernetes, "manifests/kube-apiserver.yaml"), server.manifest);
      await cp(server.kubeconfig, join(kubernetes, "admin.conf"));
      // A fake crictl: the test starts the API server again when it ends.
      const crictl = `#!/usr/bin/env bash\nif [[ $1 == ps ]]; then cat ${server.pidFile}; else kill -KILL "\${@: -1}"; fi\n`;
      await writeFile(join(machine, "bin/crictl"), crictl);
      await chmod(join(machine, "bin/crictl"), 0o755);
    },
    run: (script, stdin) => finish(["bash", join(repository, "node-config", script), "update"], stdin),
    start(script, stdin) {
      const { kill, ended } = start(["bash", join(repository, "node-config", script), "update"], stdin);
      return { kill, ended: ended.then(() => {}) };
    },
    use: () => finish(["kjerne-encryption", "use"], ""),
    pid: () => readFile(apiServer.pidFile, "utf8"),
    kubectl: (args, stdin) => apiServer.kubectl(args, stdin),
    remove: async () => void (await asRoot("rm", "--recursive", "--force", machine)),
  };
}
