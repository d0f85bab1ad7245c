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

/** As many pods as kubelet takes by default, each with so many connections that nobody closed. */
const load = 110 * 200;
/** The least that a worker may have: node-config/machine/preflight.sh. */
const memoryMiB = 1024;
/** Ports of the server. With local ports from 1024 on, no connection is like another. */
const ports = 2;

const files = sysctlFiles(["base"]);
const promised = Number(sysctlsIn(files).find(({ key }) => key === "net.netfilter.nf_conntrack_max")?.value);

export const conntrack: Benchmark = {
  title: "Connections that a node refuses to track, with the kernel's own settings and with the sysctl profile",
  method:
    `Through a node of ${memoryMiB} MiB, an emulated guest, a pod opens ${load} TCP connections: 200 for each of 110 pods. ` +
    "Both ends then forget them silently, so that the node has to remember all. Counted are the packets that it drops " +
    `since its table is full: with the kernel's own settings, then with the profile's files of node-config (${promised} tracked).`,
  async run(say) {
    const image = await guestImage(await ensureSupply(say), say);
    const profile = Object.fromEntries(Object.entries(files).map(([path, content]) => [`profile${path}`, content]));
    const measured = shape.parse(
      await runInGuest({
        image,
        script: join(__dirname, "conntrack.sh"),
        copies: [await flowProgram(say)],
        files: { ...profile, ...file("load_and_ports", `${load} ${ports}\n`) },
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
