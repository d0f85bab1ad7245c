import { isAtLeast, minorOf, versions } from "./versions";

/** MetalLB's controller, by the name and tag that upstream gives it. */
export const metallbImage = `quay.io/metallb/controller:v${versions.supply.metallb}`;

/** Who gives Services of type LoadBalancer their addresses: Calico where its version can. */
export type AddressGiver = "calico" | "metallb";

export function addressGiverOf(calico: string): AddressGiver {
  return isAtLeast(minorOf(calico), versions.calicoGivesAddressesFrom) ? "calico" : "metallb";
}

/** What a supply must hold beside a cluster's other images. */
export function loadBalancerImages(cidrs: readonly string[] | undefined, calico: string): readonly string[] {
  return cidrs?.length && addressGiverOf(calico) === "metallb" ? [metallbImage] : [];
}

/** Of a supply's images, name → digest, those that this cluster may need: it asks nobody for others. */
export function imagesInUse(
  images: Readonly<Record<string, string>>,
  cidrs: readonly string[] | undefined,
  calico: string,
): Readonly<Record<string, string>> {
  const needed = loadBalancerImages(cidrs, calico);
  return Object.fromEntries(Object.entries(images).filter(([name]) => name !== metallbImage || needed.includes(name)));
}
