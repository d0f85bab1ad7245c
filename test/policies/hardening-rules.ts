import { parameters } from "../../policies/hardening/parameters";
import { rules } from "../../policies/hardening/rules";

/** The hardening pack's default parameters. */
export const defaults = parameters.parse({});

export const ruleOf = (name: string) => rules.find((rule) => rule.name === name) as (typeof rules)[number];
