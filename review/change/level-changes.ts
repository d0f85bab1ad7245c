import { type Level, levelsIn } from "../packs/pack-config-in-use";
import type { Pack } from "../packs/packs";

/** One way in which a change alters how changes are judged from then on. */
export interface JudgeChange {
  /** Says it as a sentence. */
  readonly sentence: string;
  /** The file that says it. */
  readonly file: string;
  /** Whether less is refused than before: such a change does not pass by itself. */
  readonly weakens: boolean;
}

const strength: Readonly<Record<Level, number>> = { disabled: 0, advisory: 1, mandatory: 2 };
const does: Readonly<Record<Level, string>> = {
  disabled: "switches off",
  advisory: "only warns by",
  mandatory: "enforces again",
};

/**
 * Compares what a pack is told about a stack before and after a change.
 *
 * @param base,head Text of `policies/<pack>/parameters.<stack>.json`. Undefined where there is no such file.
 */
export function levelChanges(
  pack: Pick<Pack, "folder" | "rules">,
  stack: string,
  base: string | undefined,
  head: string | undefined,
): JudgeChange[] {
  const file = `policies/${pack.folder}/parameters.${stack}.json`;
  const [before, after] = [parsed(base), parsed(head)];
  if (after === undefined)
    return [{ file, weakens: true, sentence: `${file} is not JSON, so nothing can be judged by it.` }];
  const [old, now] = [levelsIn(before ?? {}), levelsIn(after)];
  const levels = [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((policy): JudgeChange[] => {
    const [was, is] = [old.get(policy) ?? "mandatory", now.get(policy) ?? "mandatory"];
    if (was === is) return [];
    const sentence = `This branch ${does[is]} ${named(pack, policy)} for ${stack}. (${file})`;
    return [{ file, weakens: strength[is] < strength[was], sentence }];
  });
  const [given, gets] = [(before?.pack ?? {}) as Given, (after.pack ?? {}) as Given];
  const values = [...new Set([...Object.keys(given), ...Object.keys(gets)])].sort().flatMap((key): JudgeChange[] => {
    const [was, is] = [shown(given[key]), shown(gets[key])];
    if (was === is) return [];
    // Exceptions in another file than the one that people watch.
    const weakens = key === "exceptionsFile";
    return [
      { file, weakens, sentence: `Parameter ${key} of ${pack.folder} for ${stack}: ${is}; before ${was}. (${file})` },
    ];
  });
  return [...levels, ...values];
}

type Given = Readonly<Record<string, unknown>>;

function parsed(text: string | undefined): Given | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? (value as Given) : undefined;
  } catch {
    return undefined;
  }
}

function named({ folder, rules }: Pick<Pack, "folder" | "rules">, policy: string): string {
  if (policy === "all") return `every rule of ${folder}`;
  if (policy === "exceptions") return `the check of exceptions and parameters (POL-01) of ${folder}`;
  const rule = rules.find(({ name }) => name === policy);
  return rule ? `${rule.id} (${rule.title})` : `policy ${policy} of ${folder}`;
}

const shown = (value: unknown) => (value === undefined ? "the default" : JSON.stringify(value));
