import type { Resource } from "@pulumi/pulumi";
import { info } from "@pulumi/pulumi/log";
import { resetOptions } from "@pulumi/pulumi/runtime/settings";

/**
 * Shows lines beside a resource while the engine works on it.
 *
 * @param args Of the provider: the last one is where its engine listens.
 */
export function engineLog(args: readonly string[]): (urn: string, line: string) => void {
  resetOptions("", "", 0, args.at(-1) ?? "", "", false, "");
  // Of a resource, the SDK asks for its URN alone.
  return (urn, line) => void info(line, { urn: { promise: async () => urn } } as unknown as Resource, 0, true);
}
