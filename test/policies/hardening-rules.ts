import { parameters } from "../../policies/hardening/parameters";
import { rules } from "../../policies/hardening/rules";

/** What the hardening pack is told when nobody tells it anything. */
export const defaults = parameters.parse({});

export const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
