import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { versions } from "../../node-config/versions";
import { cached } from "../../tools/cache";
import { rootCommand } from "../../tools/run";
import { network, sizes } from "./objects";

/**
 * What kube-proxy of the default Kubernetes release puts into the kernel in each mode, for each size, as `capture.ts`
 * writes it. Takes minutes the first time.
 *
 * @returns its directory
 */
export async function kubeProxyRules(say: (line: string) => void): Promise<string> {
  const programs = ["capture.ts", "objects.ts", "kube-proxy-in-guest.sh"];
  const texts = await Promise.all(programs.map((name) => readFile(join(__dirname, name), "utf8")));
  return cached("bench-rules", [versions.default, ...texts], async (directory) => {
    say(`kube-proxy writes its rules for up to ${Math.max(...sizes)} Services`);
    const capture = [process.execPath, "--import", "tsx", join(__dirname, "capture.ts"), directory];
    const [program, ...args] = rootCommand(["unshare", "--net", "setpriv", "--pdeathsig", "KILL", ...capture]);
    const [code] = await once(spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] }), "exit");
    if (code !== 0) throw new Error(`kube-proxy's rules could not be made (${code}); see above`);
  });
}

/** A Service whose cost is counted: the middle one or the last one in the order in which iptables tries them. */
export interface Target {
  readonly size: number;
  readonly position: "middle" | "last";
  readonly protocol: "udp" | "tcp";
  readonly address: string;
  readonly endpoint: string;
}

/** The targets of one size, in the rules of iptables. */
export function targetsIn(rules: string, size: number): Target[] {
  const found = [
    ...rules.matchAll(/^-A KUBE-SERVICES -d (10\.96\.[\d.]+)\/32 -p (udp|tcp) .*--dport 80 -j KUBE-SVC/gm),
  ];
  if (found.length !== size) throw new Error(`there are ${found.length} Services in rules for ${size}`);
  return (["middle", "last"] as const).flatMap((position) =>
    (["udp", "tcp"] as const).map((protocol) => {
      const upTo = position === "last" ? found : found.slice(0, size / 2);
      const [, address = ""] = upTo.filter(([, , of]) => of === protocol).at(-1) ?? [];
      const endpoint = address.replace("10.96.", network.podCidr.replace(/0\.0\/16$/, ""));
      return { size, position, protocol, address, endpoint };
    }),
  );
}
