import { createHash } from "node:crypto";
import { metallbImage } from "../../node-config/load-balancers";
import { metricsImages } from "../../node-config/metrics";
import { heldPackages } from "../../node-config/packages";
import { kubernetesImages, type SupplyIndex } from "../../node-config/values/software";
import { minorOf, versions } from "../../node-config/versions";

/**
 * Index of a supply that has all that a cluster needs, for a preview where there is no supply: the digests are made up.
 *
 * @param kubernetes Release, such as "1.36.3".
 * @param images What it has beside the images of that release: Calico's, the probes'.
 */
export function madeUpIndex(kubernetes: string, images: readonly string[]): SupplyIndex & { suite: string } {
  const containerd = versions.pairs.find((pair) => pair.kubernetes === minorOf(kubernetes))?.containerd ?? "2.3";
  const version = (name: string) =>
    /^kube(adm|let|ctl)$/.test(name) ? kubernetes : name === "containerd" ? containerd : "1";
  const digest = (image: string) => `sha256:${createHash("sha256").update(image).digest("hex")}`;
  return {
    suite: "made-up",
    packages: Object.fromEntries(heldPackages({}).map((name) => [name, `${version(name)}-1`])),
    images: Object.fromEntries(
      [...kubernetesImages(kubernetes), ...metricsImages(true), metallbImage, ...images].map((image) => [
        image,
        digest(image),
      ]),
    ),
  };
}
