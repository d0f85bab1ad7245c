import { parameters } from "../../policies/network/parameters";
import { rules } from "../../policies/network/rules";

/** The network pack's default parameters. */
export const defaults = parameters.parse({});

export const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
