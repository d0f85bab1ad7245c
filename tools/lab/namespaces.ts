import { asRoot } from "../run";
import { namespaceOf, roles } from "./plan";

/** `ip` with JSON output, which is empty instead of `[]` where there is nothing to show. */
export async function ipJson<Row>(...args: readonly string[]): Promise<Row[]> {
  const text = await asRoot("ip", "-json", ...args);
  return text.trim() ? (JSON.parse(text) as Row[]) : [];
}

/** The network namespaces that have a name on this machine, of labs and of others. */
export async function namespaces(): Promise<string[]> {
  return (await ipJson<{ name: string }>("netns", "list")).map(({ name }) => name);
}

/** Makes the lab's network namespaces that are missing. */
export async function ensureNamespaces(lab: string): Promise<void> {
  const present = await namespaces();
  for (const namespace of roles.map((role) => namespaceOf(lab, role))) {
    if (!present.includes(namespace)) await asRoot("ip", "netns", "add", namespace);
    await asRoot("ip", "-n", namespace, "link", "set", "lo", "up");
  }
}

/** Takes the lab's namespaces away, with every link that is in them. Nothing may run in them any more. */
export async function removeNamespaces(lab: string): Promise<void> {
  const present = await namespaces();
  for (const namespace of roles.map((role) => namespaceOf(lab, role))) {
    if (present.includes(namespace)) await asRoot("ip", "netns", "delete", namespace);
  }
}
