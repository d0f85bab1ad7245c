import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTree } from "../../node-config/file-set";
import { aptSources } from "../../node-config/package-source";
import { versions } from "../../node-config/versions";
import { cached } from "../../tools/cache";
import { rootCommand, run } from "../../tools/run";
import type { Supply } from "../../tools/supply/supply";

/** Disk, kernel and initrd of a guest. */
export interface GuestImage {
  readonly disk: string;
  readonly kernel: string;
  readonly initrd: string;
}

/** What the build script counts on, and the programs that configure and measure a network. */
const packages = [
  ...["linux-image-cloud-amd64", "initramfs-tools", "systemd-sysv", "udev", "kmod", "openssh-server", "e2fsprogs"],
  ...["iproute2", "ethtool", "procps", "iptables", "nftables", "ipset", "ipvsadm", "conntrack", "jq", "fio"],
];

const script = join(__dirname, "../../node-config/hypervisor/build-image.sh");

/** The image that the product builds for nodes, by the same script from the same supply, without Kubernetes. */
export async function guestImage(supply: Supply, say: (line: string) => void): Promise<GuestImage> {
  const source = {
    uri: `copy:${join(supply.directory, "apt")}`,
    suite: supply.index.suite,
    components: ["main"],
    publicKey: await readFile(join(supply.directory, "kjerne.asc"), "utf8"),
  };
  const recipe = { debian: versions.debian, packages, images: {}, authorities: "", files: readTree("image") };
  const inputs = [JSON.stringify(recipe), supply.index.snapshot, await readFile(script, "utf8")];
  const directory = await cached("bench-image", inputs, async (unfinished) => {
    say("building the guest's image");
    const [program, ...args] = rootCommand(["bash", script]);
    const input = { ...recipe, path: join(unfinished, "image"), sources: aptSources([source]), registries: {} };
    await run(program, args, { input: JSON.stringify(input) });
  });
  const [disk, kernel, initrd] = ["root.raw", "vmlinuz", "initrd.img"].map((file) => join(directory, "image", file));
  return { disk, kernel, initrd } as GuestImage;
}
