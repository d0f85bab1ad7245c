import { asRoot } from "../run";
import { machineOf, namespaceOf, roles } from "./plan";

/** Runs `ip` with JSON output. `ip` prints nothing, instead of `[]`, if it has nothing to show. */
export async function ipJson<Row>(...args: readonly string[]): Promise<Row[]> {
  const text = await asRoot("ip", "-json", ...args);
  return text.trim() ? (JSON.parse(text) as Row[]) : [];
}

/** Names of all network namespaces of this machine, those of labs and others. */
export async function namespaces(): Promise<string[]> {
  return (await ipJson<{ name: string }>("netns", "list")).map(({ name }) => name);
}

/** Makes the lab's network namespaces that do not exist yet. */
export async function ensureNamespaces(lab: string): Promise<void> {
  const present = await namespaces();
  for (const namespace of roles.map((role) => namespaceOf(lab, role))) {
    if (!present.includes(namespace)) await asRoot("ip", "netns", "add", namespace);
    await asRoot("ip", "-n", namespace, "link", "set", "lo", "up");
  }
}

/** Removes the lab's namespaces with the links in them. Their processes must have ended. */
export async function removeNamespaces(lab: string): Promise<void> {
  const present = (await namespaces()).filter((name) => machineOf(name)?.lab === lab);
  for (const namespace of present) await asRoot("ip", "netns", "delete", namespace);
}
