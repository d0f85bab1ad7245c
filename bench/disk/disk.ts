import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { median } from "../../components/measure/statistics";
import { diskDriver } from "../../node-config/disk-driver";
import { file } from "../../node-config/file-set";
import { cacheDirectory } from "../../tools/cache";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { type Benchmark, judged, nullControl } from "../result";
import { medianInterval } from "../statistics";

const rounds = 22;
/** The first ones write where the file has no blocks yet. */
const learning = 2;
const writes = 200;

/** As libvirt gives them to QEMU: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms */
const disks = {
  product: `cache=${diskDriver.cache},aio=${diskDriver.io},discard=${diskDriver.discard}`,
  // No attribute but name and type: QEMU's own defaults, and its main thread.
  default: "cache=writeback,aio=threads",
} as const;
type Disk = keyof typeof disks;

const shape = z.array(
  z.strictObject({ round: z.int(), disk: z.enum(["product", "default"]), nanoseconds: z.number().positive() }),
);

export const disk: Benchmark = {
  title: "How long a synced write takes, with the disk of kjerne's virtual machines and with libvirt's defaults",
  method:
    `An emulated guest has two disks, files of one file system: one with the attributes that kjerne gives etcd's disk, and a ` +
    `thread of its own, one with libvirt's defaults. fio writes ${writes} times 2,300 bytes to each, with fdatasync after ` +
    `each, in ${rounds} rounds of the order A B B A; of each the median counts, and the median of the rounds' ratios.`,
  async run(say) {
    const measured = await measure(say);
    const ratios = Array.from({ length: rounds - learning }, (_, at) => {
      const of = (disk: Disk) => measured.filter((one) => one.round === at + learning && one.disk === disk);
      const [a, b] = [of("product"), of("default")].map((both) => both.map(({ nanoseconds }) => nanoseconds));
      const [first = 0, last = 0] = a ?? [];
      const [second = 0, third = 0] = b ?? [];
      return { value: (first + last) / (second + third), control: second / third };
    });
    const values = ratios.map(({ value }) => value);
    const milliseconds = (disk: Disk) =>
      median(measured.filter((one) => one.disk === disk && one.round >= learning).map((one) => one.nanoseconds)) / 1e6;
    return {
      guest: "QEMU, TCG, two processors",
      ratios: [
        judged(
          "fdatasync, median, kjerne's disk over libvirt's defaults",
          median(values),
          { atMost: 1 },
          { interval: medianInterval(values) },
        ),
      ],
      nullControls: [
        nullControl("libvirt's defaults, twice in a round", median(ratios.map(({ control }) => control)), [0.9, 1.1]),
      ],
      rounds: { kept: rounds - learning, discarded: learning, why: "the first ones give the files their blocks" },
      charts: [
        {
          title: "Median of a synced write",
          kind: "bars",
          x: "milliseconds",
          y: "disk",
          points: (["product", "default"] as const).map((name) => ({ series: name, x: name, y: milliseconds(name) })),
        },
      ],
      measured,
    };
  },
};

async function measure(say: (line: string) => void) {
  const image = await guestImage(await ensureSupply(say), say);
  // Not in a file system in memory, which has nothing to sync.
  const directory = await mkdtemp(join(cacheDirectory, "bench-disk-"));
  try {
    const devices = Object.entries(disks).map(async ([name, options]) => {
      const path = join(directory, name);
      await run("truncate", ["--size=64M", path]);
      const thread = name === "product" ? `${name}-thread` : undefined;
      return [
        ...(thread ? ["-object", `iothread,id=${thread}`] : []),
        ...["-drive", `file=${path},format=raw,if=none,id=${name},${options}`],
        ...["-device", `virtio-blk-pci,drive=${name},serial=${name}${thread ? `,iothread=${thread}` : ""}`],
      ];
    });
    return shape.parse(
      await runInGuest({
        image,
        script: join(__dirname, "disk.sh"),
        files: file("plan", `${rounds} ${writes}\n`),
        devices: (await Promise.all(devices)).flat(),
        counts: false,
        say,
      }),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
