import type { DocumentOptions, ParseOptions, SchemaOptions, Tags } from "yaml";

/** Words that Go reads as a number or a merge, beyond those that the library's own YAML 1.1 knows. */
const goWord = /^(?:[-+]?0[xXoObB][\da-fA-F_]+|(?!.*\..*\.)[-+]?\.?\d[\d_.:-]*(?:[eE_][-+\d_]*)?|<<|=)$/;

/**
 * YAML as Kubernetes' programs read and write it (sigs.k8s.io/yaml): version 1.1, in which a plain `no`, `on` or `1_000`
 * is no string, without the types that Go leaves as strings: timestamps and numbers to the base of 60. A string that Go
 * would read as something else is written in quotes.
 */
export const goYaml: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1",
  customTags: (tags) => tags.filter(isKnownToGo),
  compat: [{ tag: "tag:yaml.org,2002:int", default: true, test: goWord, resolve: (text: string) => text }],
};

function isKnownToGo(tag: Tags[number]): boolean {
  if (typeof tag === "string") return true;
  const isOfBase60 = "format" in tag && tag.format === "TIME";
  return !isOfBase60 && !/:(timestamp|binary|omap|pairs|set)$/.test(tag.tag);
}
