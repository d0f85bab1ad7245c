import { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb";
import { isMap, isSecret, type Properties } from "./property-values";

const { Kind } = PropertyDiff;
type Change = { path: string; kind: "ADD" | "DELETE" | "UPDATE" };

/**
 * The changes between two sets of inputs, by the paths that the engine shows (`triggers[0]`, `connection.host`).
 * A change inside a property that is listed in `replaceOnChanges` replaces the resource.
 */
export function detailedDiff(
  old: Properties,
  current: Properties,
  replaceOnChanges: readonly string[],
): Map<string, PropertyDiff> {
  const changes = Object.keys({ ...old, ...current }).flatMap((key) =>
    differences(key, old[key], current[key]).map((change) => ({ ...change, replace: replaceOnChanges.includes(key) })),
  );
  return new Map(
    changes.map(({ path, kind, replace }) => [
      path,
      new PropertyDiff().setKind(Kind[replace ? (`${kind}_REPLACE` as const) : kind]).setInputdiff(true),
    ]),
  );
}

function differences(path: string, old: unknown, current: unknown): Change[] {
  if (old === undefined && current === undefined) return [];
  if (old === undefined) return [{ path, kind: "ADD" }];
  if (current === undefined) return [{ path, kind: "DELETE" }];
  if (isSecret(old) && isSecret(current)) return differences(path, old.value, current.value);
  if (Array.isArray(old) && Array.isArray(current)) {
    const longest = old.length > current.length ? old : current;
    return longest.flatMap((_, index) => differences(`${path}[${index}]`, old[index], current[index]));
  }
  if (isMap(old) && isMap(current)) {
    return Object.keys({ ...old, ...current }).flatMap((key) =>
      differences(`${path}${asPathElement(key)}`, old[key], current[key]),
    );
  }
  return JSON.stringify(old) === JSON.stringify(current) ? [] : [{ path, kind: "UPDATE" }];
}

function asPathElement(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
