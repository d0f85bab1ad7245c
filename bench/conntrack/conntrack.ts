import { join } from "node:path";
import { z } from "zod";
import { file } from "../../node-config/file-set";
import { sysctlFiles, sysctlsIn } from "../../node-config/sysctl";
import { ensureSupply } from "../../tools/supply/supply";
import { flowProgram } from "../guest/flow";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { type Benchmark, judged, nullControl } from "../result";

const shape = z.array(
  z.strictObject({
    name: z.enum(["defaults, half", "defaults", "profile"]),
    wanted: z.number(),
    opened: z.number(),
    failed: z.number(),
    max: z.number(),
    tracked: z.number(),
    drops: z.number(),
    earlyDrops: z.number(),
  }),
);

/** Of the connections that the profile promises to track: the rest is the node's own. */
const designShare = 0.95;
/** Of what the kernel tracks by itself in a guest of this size: https://docs.kernel.org/networking/nf_conntrack-sysctl.html */
const [memoryMiB, kernelsMax] = [2048, 65_536];
/** Local ports are fewer than 65,536. */
const connectionsPerPort = 40_000;

const files = sysctlFiles(["base"]);
const promised = Number(sysctlsIn(files).find(({ key }) => key === "net.netfilter.nf_conntrack_max")?.value);
const load = Math.floor(promised * designShare);

export const conntrack: Benchmark = {
  title: "Connections that a node forgets, at the load that the sysctl profile promises",
  method:
    `A pod opens ${load} TCP connections through a node of ${memoryMiB} MiB, an emulated guest: ${designShare * 100} % of what ` +
    "node-config's profile wants tracked. Both ends then forget them silently, so that the node has to remember all. " +
    "Counted are the kernel's drops, first with its own settings, then with the profile's files.",
  async run(say) {
    const image = await guestImage(await ensureSupply(say), say);
    const ports = Math.ceil(load / connectionsPerPort);
    const profile = Object.fromEntries(Object.entries(files).map(([path, content]) => [`profile${path}`, content]));
    const measured = shape.parse(
      await runInGuest({
        image,
        script: join(__dirname, "conntrack.sh"),
        copies: [await flowProgram(say)],
        files: { ...profile, ...file("loads", `${load} ${kernelsMax / 2} ${ports}\n`) },
        memoryMiB,
        say,
      }),
    );
    const of = (name: string) => measured.find((one) => one.name === name) ?? missing(name);
    const { opened, drops, max } = of("defaults");
    return {
      guest: "QEMU, TCG with -icount",
      ratios: [
        judged("drops with the profile", of("profile").drops, { exactly: 0, digits: 0 }),
        judged(
          "drops with the kernel's own settings",
          drops,
          {
            above: 0,
          },
          {
            note: `it tracks ${max} in ${memoryMiB} MiB; from 4 GiB on it would track 262144, more than the profile asks for`,
          },
        ),
        { name: "connections opened, profile over the kernel's own", value: of("profile").opened / opened },
      ],
      nullControls: [
        nullControl("drops with the kernel's own settings, half of what it tracks", of("defaults, half").drops, [0, 0]),
      ],
      rounds: { kept: 1, discarded: 0, why: "counts do not vary" },
      charts: [
        {
          title: `Connections opened of ${load}`,
          kind: "bars",
          x: "connections opened",
          y: "setting",
          points: ["defaults", "profile"].map((name) => ({ series: name, x: name, y: of(name).opened })),
        },
      ],
      measured,
    };
  },
};

function missing(name: string): never {
  throw new Error(`conntrack: the guest did not measure ${name}`);
}
