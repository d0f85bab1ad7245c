import { parameters } from "../../policies/network/parameters";
import { rules } from "../../policies/network/rules";

/** What the network pack is told when nobody tells it anything. */
export const defaults = parameters.parse({});

export const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
