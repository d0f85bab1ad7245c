import type { provider } from "@pulumi/pulumi";
import type { Kind } from "./scripts";

/** One provider of several kinds of resource, by the last words of their types. */
export function served(kinds: Readonly<Record<string, Kind>>): provider.Provider {
  const kindOf = (urn: string) => kinds[urn.split("::")[2]?.split(":").at(-1) ?? ""] as Kind;
  return {
    version: "",
    check: async (urn, olds, news) => (await kindOf(urn).check?.(urn, olds, news)) ?? { inputs: news },
    // Without an answer the engine compares the inputs.
    diff: async (id, urn, olds, news) => (await kindOf(urn).diff?.(id, urn, olds, news)) ?? {},
    create: (urn, inputs) => kindOf(urn).create(urn, inputs),
    read: async (id, urn, props) => (await kindOf(urn).read?.(id, urn, props)) ?? { id, props },
    update: (id, urn, olds, news) => kindOf(urn).update(id, urn, olds, news),
    delete: async (id, urn, props) => kindOf(urn).delete?.(id, urn, props),
  };
}
