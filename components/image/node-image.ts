import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { readTree } from "../../node-config/file-set";
import { type Mirror, registryFiles } from "../../node-config/node-files";
import { aptSources, type PackageSource } from "../../node-config/package-source";
import { mirrors, packageSource, values } from "../../node-config/values/shapes";
import type { Hypervisor } from "../hypervisor/hypervisor";
import { NodeScript } from "../machine/node-script";
import { Refusal, refuseUnless } from "../refusal/refusal";

export interface NodeImageArgs {
  /** Where it is built and kept. */
  readonly hypervisor: Hypervisor;
  /**
   * Directory for images on the hypervisor, outside the pool so that they outlive it. @default "/var/lib/kjerne/images"
   */
  readonly directory?: string;
  /** Debian release. @default "bookworm" */
  readonly debian?: string;
  /** The only repositories that apt installs from. */
  readonly sources: readonly PackageSource[];
  /**
   * Every package beyond Debian's essential ones, as apt takes them: `kubeadm=1.36.3-1`, or `fio` for whatever version
   * the source holds. `nodePackages` lists those of a Kubernetes node, kernel and sshd among them.
   */
  readonly packages: readonly string[];
  /**
   * State of the sources, such as a date or the digest of their index. Another one is another image, with the versions
   * that they hold then. @default - none: only what is named here makes another image, and a security update doesn't
   */
  readonly snapshot?: string;
  /**
   * Container images to preload: name with tag → digest (`sha256:…`) to pull. Needs `containerd` among the packages.
   */
  readonly images: Readonly<Record<string, string>>;
  /** @default - each image from its own registry */
  readonly mirrors?: readonly Mirror[];
  /** Certificates in PEM of who signed those of `sources` and `mirrors`. @default - none beside the system's own */
  readonly authorities?: string;
}

/**
 * Golden image of a node: root file system, kernel and initrd, built on the hypervisor by mmdebstrap, which is a
 * standard tool that lets apt resolve the dependencies itself and is faster than debootstrap. Holds software, no
 * identity.
 *
 * Its name is the hash of everything that goes in, so an image that exists is never built again and an image that
 * changes is another one. Images outlive the stack as a cache: remove the directory to get the space back. Packages that
 * are named without a version have that of the `snapshot`.
 */
export class NodeImage extends pulumi.ComponentResource {
  /** Content-addressed, such as `bookworm-0123456789abcdef`; known before it is built. */
  readonly imageName: string;
  /** Directory on the hypervisor with `root.raw`, `vmlinuz`, `initrd.img` and `packages.txt`. */
  readonly path: string;

  constructor(name: string, args: NodeImageArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, `node image ${name}`, args);
    const { directory = defaults.imageDirectory, debian = defaults.debian, mirrors = [], authorities } = args;
    const packages = [...new Set([initrdMaker, ...args.packages])].sort();
    if (Object.keys(args.images).length > 0 && !packages.some((name) => /^containerd(\.io)?(=|$)/.test(name))) {
      throw new Refusal(
        `node image ${name}: its own containerd preloads the images; add containerd to packages, or give no images`,
      );
    }
    const { hypervisor, ...facts } = args;
    super("kjerne:image:NodeImage", name, { ...facts, hypervisor: hypervisor.name }, opts);

    const recipe = {
      debian,
      packages,
      ...(args.snapshot ? { snapshot: args.snapshot } : {}),
      images: Object.fromEntries(Object.entries(args.images).sort()),
      files: readTree("image"),
    };
    this.imageName = `${debian}-${digest(recipe)}`;
    this.path = `${directory}/${this.imageName}`;

    new NodeScript(
      `${name}-build`,
      {
        connection: hypervisor.connection,
        script: buildScript,
        stdin: JSON.stringify({
          ...recipe,
          path: this.path,
          sources: aptSources(args.sources),
          authorities: authorities ?? "",
          registries: registryFiles("", mirrors, authorities),
        }),
      },
      { parent: this, dependsOn: hypervisor },
    );
    this.registerOutputs({ imageName: this.imageName, path: this.path });
  }
}

const shape = z.object({
  directory: values.directory.optional(),
  debian: values.suite.optional(),
  sources: z.array(packageSource),
  mirrors: mirrors.optional(),
  authorities: values.authorities.optional(),
});

/** Makes the initrd from `node-config/image/etc/initramfs-tools`: no image without it. */
const initrdMaker = "initramfs-tools";

const buildScript = "hypervisor/build-image.sh";

/** Hash of what goes into the image. Addresses of mirrors are no part of it: the same packages are the same image. */
function digest(recipe: object): string {
  const script = readFileSync(join(__dirname, "../../node-config", buildScript), "utf8");
  return createHash("sha256")
    .update(JSON.stringify([recipe, script]))
    .digest("hex")
    .slice(0, 16);
}
