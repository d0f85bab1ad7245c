import { PolicyPack } from "@pulumi/policy";
import { packs } from "../all";
import { packOf } from "../pack";
import { together } from "../together";

/** Every pack in one process of the engine. The build in review/packs bundles this file with what it imports. */
new PolicyPack(
  "kjerne",
  together(
    Object.fromEntries(Object.entries(packs).map(([pack, { rules, parameters }]) => [pack, packOf(rules, parameters)])),
  ),
);
