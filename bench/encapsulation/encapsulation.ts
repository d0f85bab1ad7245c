import { join } from "node:path";
import { z } from "zod";
import { ensureSupply } from "../../tools/supply/supply";
import { flowProgram } from "../guest/flow";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { type Benchmark, judged, nullControl } from "../result";

const shape = z.array(
  z.strictObject({
    mode: z.enum(["host", "plain", "ipip", "vxlan", "host again"]),
    payload: z.number(),
    bytes: z.number(),
    packets: z.number(),
    instructions: z.number(),
  }),
);

/**
 * 1,448 bytes of payload in a packet of 1,500; a header of 20 or 50 bytes more leaves 1,428 and 1,398, so that many more
 * packets are sent: https://docs.tigera.io/calico/latest/networking/configuring/mtu
 */
const goals = { plain: 1, ipip: 1.014, vxlan: 1.036 };

export const encapsulation: Benchmark = {
  title: "Bytes on the wire, pod to pod over host to host",
  method:
    "One TCP connection carries 16 MiB in an emulated guest with Debian's kernel: from node to node, then from pod to pod, " +
    "routed without encapsulation, in IPIP and in VXLAN, as Calico sets routes and MTU. Counted is what the sending " +
    "node's interface sent: whole Ethernet frames, with offloads off.",
  async run(say) {
    const image = await guestImage(await ensureSupply(say), say);
    const measured = shape.parse(
      await runInGuest({ image, script: join(__dirname, "encapsulation.sh"), copies: [await flowProgram(say)], say }),
    );
    const of = (mode: string) => measured.find((one) => one.mode === mode) ?? missing(mode);
    const overHost = (mode: string) => of(mode).bytes / of("host").bytes;
    const perMiB = (mode: string) => of(mode).instructions / (of(mode).payload / 2 ** 20);
    const modes = Object.entries(goals);
    return {
      guest: "QEMU, TCG with -icount: 1 ns an instruction",
      ratios: [
        ...modes.map(([mode, exactly]) => judged(`${mode}, bytes over host`, overHost(mode), { exactly, digits: 3 })),
        {
          name: "vxlan over plain, instructions per MiB",
          value: perMiB("vxlan") / perMiB("plain"),
          note: "both ends on one emulated processor: a network card does part of this",
        },
      ],
      nullControls: [nullControl("host again over host, bytes", overHost("host again"), [0.9995, 1.0005])],
      rounds: { kept: 1, discarded: 0, why: "counts do not vary" },
      charts: [
        {
          title: "Bytes on the wire for the same payload",
          kind: "bars",
          x: "over host to host",
          y: "way",
          points: ["host", ...modes.map(([mode]) => mode)].map((mode) => ({
            series: mode,
            x: mode,
            y: overHost(mode),
          })),
        },
      ],
      measured,
    };
  },
};

function missing(mode: string): never {
  throw new Error(`encapsulation: the guest did not measure ${mode}`);
}
