import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { file } from "../../node-config/file-set";
import { ensureSupply } from "../../tools/supply/supply";
import { flowProgram } from "../guest/flow";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { type Benchmark, judged, nullControl, type Ratio } from "../result";
import { lowestTenth, ratioInterval } from "../statistics";
import { targetsIn } from "../targets";
import { network, sizes } from "./objects";
import { kubeProxyRules } from "./rules";

/** Modes of kube-proxy. The rules of iptables are loaded into its legacy tables, which are its faster kind. */
const modes = ["ipvs", "nftables", "iptables"] as const;
/** New flows of each kind. The first ones differ by what the kernel learns from them, and are not counted. */
const flows = 220;
const learning = 20;
/**
 * Of the rest: the guest's timers and what the kernel does now and then only add to a flow, and over UDP every second one
 * takes six thousand instructions more.
 */
const cost = (instructions: readonly number[]) => lowestTenth(instructions.slice(learning));
const [smallest, largest] = [sizes[0], sizes[3]];

const shape = z.array(
  z.strictObject({
    mode: z.string(),
    size: z.number(),
    position: z.enum(["middle", "last", "none"]),
    protocol: z.enum(["udp", "tcp"]),
    from: z.enum(["node", "pod"]),
    instructions: z.array(z.number()).length(flows),
  }),
);
type Measured = z.infer<typeof shape>;

export const services: Benchmark = {
  title: "Instructions for a new flow to a Service, by kube-proxy's mode and the number of Services",
  method:
    `kube-proxy, configured as on kjerne's nodes, gets 100 to 10,000 Services from a real API server; what it puts into ` +
    `the kernel is loaded into an emulated guest whose clock counts instructions. Each figure is what a tenth of ${flows - learning} ` +
    "new flows don't exceed, from the first packet to the answer, over UDP and TCP, from the node and from a pod on it: client, " +
    "kernel, Service, server and back. Services are tried where iptables has them: in the middle and last.",
  async run(say) {
    const measured = await measure(say);
    const costs = (mode: string, size: number, position: string, protocol: string, from: string) =>
      measured.find(
        (one) =>
          one.mode === mode &&
          one.size === size &&
          one.position === position &&
          one.protocol === protocol &&
          one.from === from,
      )?.instructions ?? missing(mode, size);
    const kinds = (["udp", "tcp"] as const).flatMap((protocol) =>
      (["node", "pod"] as const).map((from) => ({ protocol, from })),
    );
    const each = (compare: (kind: (typeof kinds)[number]) => Ratio) => kinds.map(compare);
    const position = "last";
    return {
      guest: "QEMU, TCG with -icount: 1 ns an instruction; Linux 6.1 of Debian 12",
      ratios: [
        ...each(({ protocol, from }) => {
          const [many, few] = [largest, smallest].map((size) => costs("ipvs", size, position, protocol, from));
          return compared(`ipvs, ${largest} over ${smallest}, ${protocol} from a ${from}`, many, few, { atMost: 1.05 });
        }),
        ...each(({ protocol, from }) =>
          compared(
            `iptables over ipvs at ${largest}, ${protocol} from a ${from}`,
            costs("iptables", largest, position, protocol, from),
            costs("ipvs", largest, position, protocol, from),
            { atLeast: 5 },
          ),
        ),
        ...each(({ protocol, from }) =>
          compared(
            `iptables over ipvs at ${largest}, Service in the middle, ${protocol} from a ${from}`,
            costs("iptables", largest, "middle", protocol, from),
            costs("ipvs", largest, "middle", protocol, from),
          ),
        ),
        ...each(({ protocol, from }) =>
          compared(
            `nftables over ipvs at ${largest}, ${protocol} from a ${from}`,
            costs("nftables", largest, position, protocol, from),
            costs("ipvs", largest, position, protocol, from),
          ),
        ),
      ],
      nullControls: kinds.map(({ protocol, from }) =>
        nullControl(
          `no Service, twice, ${protocol} from a ${from}`,
          cost(costs("direct again", 0, "none", protocol, from)) / cost(costs("direct", 0, "none", protocol, from)),
          [0.995, 1.005],
        ),
      ),
      rounds: { kept: 1, discarded: 0, why: "instructions are counted" },
      charts: [
        {
          title: "UDP from the node, last Service",
          ...{ kind: "lines", x: "Services", y: "instructions for a new flow" },
          points: modes.flatMap((mode) =>
            measured
              .filter(
                (one) =>
                  one.mode === mode && one.position === position && one.protocol === "udp" && one.from === "node",
              )
              .map(({ size, instructions }) => ({ series: mode, x: size, y: cost(instructions) })),
          ),
        },
      ],
      measured: measured.map(({ instructions, ...one }) => ({ ...one, cost: cost(instructions) })),
    };
  },
};

async function measure(say: (line: string) => void): Promise<Measured> {
  const image = await guestImage(await ensureSupply(say), say);
  const rules = await kubeProxyRules(say);
  const targets = await Promise.all(
    sizes.map(async (size) =>
      targetsIn(await readFile(join(rules, `iptables-${size}.rules`), "utf8"), size, network.podCidr),
    ),
  );
  const lines = targets
    .flat()
    .map((one) => `${[one.size, one.position, one.protocol, one.address, one.endpoint].join(" ")}\n`);
  return shape.parse(
    await runInGuest({
      image,
      script: join(__dirname, "services.sh"),
      copies: [await flowProgram(say)],
      folders: { rules },
      files: {
        ...file("plan", `${flows} ${modes.join()} ${sizes.join()}\n`),
        ...file("targets", lines.join("")),
      },
      memoryMiB: 2048,
      deadlineMinutes: 60,
      say,
    }),
  );
}

/** Costs, and the interval of their ratio. */
function compared(
  name: string,
  a: readonly number[] = [],
  b: readonly number[] = [],
  goal?: Parameters<typeof judged>[2],
): Ratio {
  const value = cost(a) / cost(b);
  const interval = ratioInterval(a.slice(learning), b.slice(learning));
  return goal ? judged(name, value, goal, { interval }) : { name, value, interval };
}

function missing(mode: string, size: number): never {
  throw new Error(`services: the guest did not measure ${mode} with ${size} Services`);
}
