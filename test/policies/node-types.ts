import type { Described } from "./programs/resources";

/** The type of nodes in the programs of these tests. */
export const kvmNode = "kjerne:node:KvmNode";

/** Other types that nodes may have: kjerne's own for machines that were there before, and somebody else's. */
export const otherNodeTypes = ["kjerne:node:ExistingMachine", "acme:machines:RentedServer"] as const;

/** The same program with nodes of another type. */
export function withNodesOf<T extends Pick<Described, "type">>(type: string, program: readonly T[]): T[] {
  return program.map((one) => (one.type === kvmNode ? { ...one, type } : one));
}
