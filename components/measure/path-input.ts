import { textOf } from "../verify/run";
import { namespace, port } from "./pods";

/** About how long one pair takes, in seconds. */
export const pathSeconds = 30;

/** What `node-config/report/path.sh` reads. */
export interface PathInput {
  readonly serve: boolean;
  readonly program: string;
  readonly namespace: string;
  readonly pod?: string;
  readonly ends: Readonly<Record<"host" | "pod", Ends>>;
  readonly port: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly sendSeconds: number;
  readonly asks: number;
  readonly askSeconds: number;
  readonly mtu: number;
  readonly pathMtu: string;
  readonly dns: {
    readonly program: string;
    readonly servers: readonly string[];
    readonly name: string;
    readonly asks: number;
    readonly seconds: number;
  };
}

/** Addresses: who asks, and who answers. */
interface Ends {
  readonly from: string;
  readonly to: string;
}

/** Of CoreDNS in large clusters, so many endpoints are asked, and their Service. */
const dnsServers = 4;

/** Both ends of a path, and how much is sent. A lost small message costs a fifth of a second, so asks end by time too. */
export async function pathInput(
  host: Ends,
  pod: Ends,
  { mtu, servers }: { readonly mtu: number; readonly servers: readonly string[] },
): Promise<PathInput> {
  const [program, pathMtu, dns] = await Promise.all(
    ["path.py", "path-mtu.py", "dns.py"].map((file) => textOf(`report/${file}`)),
  );
  return {
    serve: false,
    program: program ?? "",
    namespace,
    ends: { host, pod },
    port,
    seconds: 240,
    rounds: 4,
    sendSeconds: 1,
    asks: 500,
    askSeconds: 3,
    mtu,
    pathMtu: pathMtu ?? "",
    dns: {
      program: dns ?? "",
      servers: servers.slice(0, dnsServers),
      name: "kubernetes.default.svc.cluster.local",
      asks: 200,
      seconds: 10,
    },
  };
}

/** The same for the end that answers, in a pod of its own. */
export function serveInput(input: PathInput, pod: string): PathInput {
  return { ...input, serve: true, pod };
}
