import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { versions } from "../../node-config/versions";
import { cached } from "../../tools/cache";
import { rootCommand } from "../../tools/run";
import { sizes } from "./objects";

/**
 * What kube-proxy of the default Kubernetes release puts into the kernel in each mode, for each size, as `capture.ts`
 * writes it. Takes minutes the first time.
 *
 * @returns its directory
 */
export async function kubeProxyRules(say: (line: string) => void): Promise<string> {
  const programs = ["capture.ts", "kube-proxy.ts", "objects.ts", "kube-proxy-in-guest.sh"];
  const texts = await Promise.all(programs.map((name) => readFile(join(__dirname, name), "utf8")));
  return cached("bench-rules", [versions.default, ...texts], async (directory) => {
    say(`kube-proxy writes its rules for up to ${Math.max(...sizes)} Services`);
    const capture = [process.execPath, "--import", "tsx", join(__dirname, "capture.ts"), directory];
    const [program, ...args] = rootCommand(["unshare", "--net", "setpriv", "--pdeathsig", "KILL", ...capture]);
    const [code] = await once(spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] }), "exit");
    if (code !== 0) throw new Error(`kube-proxy's rules could not be made (${code}); see above`);
  });
}
