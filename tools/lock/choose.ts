import { heldPackages } from "../../node-config/packages";
import { isOf } from "../../node-config/values/software";
import { minorOf, versions } from "../../node-config/versions";
import type { Offer, Repositories } from "./apt";

export interface Chosen {
  readonly packages: Readonly<Record<string, string>>;
  readonly others: Readonly<Record<string, string>>;
  readonly snapshot: string;
  readonly newerKubernetes?: string;
  readonly security: ReadonlySet<string>;
  /** What the repositories lack; nothing else counts where there is any. */
  readonly problems: readonly string[];
}

/** Docker's package of containerd, which holds runc. */
const dockers = "containerd.io";

/**
 * Chooses a version of each package: of the release that the settings name for Kubernetes, of the minor that was seen
 * with it for containerd, the newest of all others.
 */
export async function choosePackages(
  { snapshot, offers }: Repositories,
  names: readonly string[],
  { kubernetes, calico }: { readonly kubernetes: string; readonly calico: string },
): Promise<Chosen> {
  const found = await offers([...names, dockers]);
  const of = (name: string): readonly Offer[] => found.get(name) ?? [];
  const problems: string[] = [];
  const containerd = versions.pairs.find(
    (one) => one.kubernetes === minorOf(kubernetes) && one.calico === calico,
  )?.containerd;
  const has = (name: string) => of(name).some(({ version }) => !containerd || isOf(version, containerd));
  const isDockers = !has("containerd") && has(dockers);
  const held = new Set(heldPackages(isDockers ? { [dockers]: "" } : {}));
  const others = names.filter((name) => !isDockers || (name !== "containerd" && name !== "runc"));

  /** What is wanted of a package, in words, and of which release it has to be. */
  const wanted = (name: string): [string, string?] => {
    if (/^kube(adm|let|ctl)$/.test(name)) return [`release ${kubernetes}`, kubernetes];
    if (name !== "containerd" && name !== dockers) return ["it"];
    return [`containerd ${containerd}, which was seen with Kubernetes ${kubernetes} and Calico ${calico}`, containerd];
  };
  const chosen = new Map<string, Offer>();
  for (const name of new Set([...held, ...others])) {
    const [words, release] = wanted(name);
    const offer = of(name).find(({ version }) => !release || isOf(version, release));
    const have = of(name).map(({ version }) => version);
    if (offer) chosen.set(name, offer);
    else problems.push(`${name}: no repository has ${words}; they have ${have.join(", ") || "none"}`);
  }

  const versionOf = ([name, { version }]: [string, Offer]) => [name, version] as const;
  const sorted = [...chosen].sort(([one], [other]) => (one < other ? -1 : 1));
  const newest = of("kubeadm").find(({ version }) => isOf(version, minorOf(kubernetes)))?.version;
  return {
    packages: Object.fromEntries(sorted.filter(([name]) => held.has(name)).map(versionOf)),
    others: Object.fromEntries(sorted.filter(([name]) => !held.has(name)).map(versionOf)),
    snapshot,
    security: new Set(sorted.filter(([, { source }]) => /-security\b/.test(source)).map(([name]) => name)),
    ...(newest && !isOf(newest, kubernetes) ? { newerKubernetes: newest } : {}),
    problems,
  };
}
