import { isDeepStrictEqual } from "node:util";
import { exemptNamespaces } from "../../node-config/values/denied-namespaces";
import { type Allow, type Client, isPods, type Server, sentenceOf } from "./allow";

/** A namespace in which only what is allowed passes. */
export interface DeniedNamespace {
  readonly name: string;
  readonly allow: readonly Allow[];
}

/**
 * What is allowed in one of these namespaces: a connection between two of them is written at one, and has a policy in
 * each.
 */
export function openingsOf(namespace: string, all: readonly DeniedNamespace[]): Allow[] {
  const isThere = (peer: Client | Server) => (isPods(peer) ? peer.namespace === namespace : "namespaces" in peer);
  const [own, others] = [all.filter(({ name }) => name === namespace), all.filter(({ name }) => name !== namespace)];
  const here = others.flatMap(({ allow }) => allow).filter(({ from, to }) => isThere(from) || isThere(to));
  const known = own.flatMap(({ allow }) => allow);
  return [...known, ...here.filter((one) => !known.some((other) => isDeepStrictEqual(other, one)))];
}

/** Connections whose other half no policy would allow, where default deny holds in every namespace. */
export function missingHalves(all: readonly DeniedNamespace[]): string[] {
  const known = [...exemptNamespaces, ...all.map(({ name }) => name)];
  const missing = all.flatMap(({ allow }) =>
    allow.flatMap((one) =>
      [one.from, one.to].flatMap((peer) =>
        isPods(peer) && !known.includes(peer.namespace)
          ? [
              `defaultDeny: ${sentenceOf(one)}: nothing allows it in ${peer.namespace}, which defaultDeny does not list; add an entry with namespace: ${peer.namespace}`,
            ]
          : [],
      ),
    ),
  );
  return [...new Set(missing)];
}
