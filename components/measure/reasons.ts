import { readTree } from "../../node-config/file-set";
import { sysctlFiles, sysctlProfiles } from "../../node-config/sysctl";

/** Key of a kernel setting → why it is set, as its file says. */
export type Reasons = ReadonlyMap<string, string>;

/** From the files that nodes get: the comment above a setting is its reason. */
export function reasons(): Reasons {
  const files = { ...readTree("common"), ...sysctlFiles(sysctlProfiles) };
  const texts = Object.entries(files).filter(([path]) => /^\/etc\/(sysctl\.d|kjerne\/sysctl-floors\.d)\//.test(path));
  return new Map(texts.flatMap(([, { content }]) => inFile(content)));
}

function inFile(content: string): (readonly [string, string])[] {
  let said: string[] = [];
  return content.split("\n").flatMap((line): (readonly [string, string])[] => {
    if (line.trim() === "") said = [];
    else if (line.startsWith("#")) said.push(line.replace(/^# ?/, ""));
    else return [[line.split(" = ")[0] as string, said.join(" ")]];
    return [];
  });
}
