import { stringify } from "yaml";
import { atAdmission } from "../../policies/admission/list";
import { admissionObjects } from "../../policies/admission/manifest";
import type { Pack } from "./packs";

/** Where a cluster takes them from. */
export const admissionFolder = "node-config/admission";

/** Path in the repository → the objects by which an API server judges by a rule, of each rule that can be said in CEL. */
export function admissionFiles(packs: readonly Pick<Pack, "rules">[]): ReadonlyMap<string, string> {
  const files = packs.flatMap(({ rules }) =>
    rules.flatMap((rule) => {
      const how = atAdmission[rule.id];
      if (typeof how !== "object") return [];
      const objects = admissionObjects(rule, how).map((object) =>
        stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }),
      );
      return [[`${admissionFolder}/${rule.id.toLowerCase()}.yaml`, head + objects.join("---\n")] as const];
    }),
  );
  return new Map(files);
}

const head = "# Made from policies/admission by make catalogue.\n";
