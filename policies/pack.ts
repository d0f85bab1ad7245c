import type {
  PolicyConfigSchema,
  PolicyPackArgs,
  ResourceValidation,
  StackValidation,
  StackValidationArgs,
} from "@pulumi/policy";
import { z } from "zod";
import { stackOf, wrongExceptions } from "./exceptions";
import { isAbout, judge, judgeBefore, stackUrn } from "./judge";
import {
  type PackRun,
  parametersOf,
  rememberInputs,
  reportFindings,
  resourceIn,
  send,
  startRun,
  takeConfig,
} from "./pack-run";
import type { Resource, Rule } from "./rule";
import { rememberSecrets } from "./secrets-seen";

type Policy = NonNullable<PolicyPackArgs["policies"]>[number];

/** Parameters of every pack; each adds its own. */
export const packParameters = z.strictObject({
  /** From the pack's own directory, or absolute. */
  exceptionsFile: z.string().default("../exceptions.yaml"),
});

/**
 * A policy pack for the engine: one mandatory policy for each rule, and four of the pack's own around them. The engine
 * calls them in this order for each resource, and again at the end for the whole stack.
 *
 * @param schema - read from the key `pack` of `--policy-pack-config`; everything in it has a default
 */
export function packOf<P>(rules: readonly Rule<P>[], schema: z.ZodObject & z.ZodType<P>): PolicyPackArgs {
  const run = startRun(schema);
  return {
    enforcementLevel: "mandatory",
    policies: [
      learnSecrets(run),
      readParametersAndInputs(run),
      ...rules.map((rule) => judgeByRule(rule, run)),
      nameIdleRules(rules, run),
      judgeExceptions(rules, run),
    ],
  };
}

/** Remediates nothing. The engine asks it about each resource before the others judge it, and marks secrets for it alone. */
function learnSecrets<P>(run: PackRun<P>): Policy {
  return {
    name: "secrets",
    description: "Learns which values are secrets, so that no message repeats one. It changes nothing.",
    enforcementLevel: "remediate",
    remediateResource: ({ urn, props }) => rememberSecrets(run.secrets, urn, props),
  };
}

/**
 * Stores each resource's inputs for the policies after it: after an update the engine passes outputs only, of which
 * components have few, while rules judge what somebody decided.
 */
function readParametersAndInputs<P>(run: PackRun<P>): Policy {
  return {
    name: "pack",
    description: "Takes the pack's parameters and exceptions.",
    configSchema: engineSchema(run.schema),
    validateResource: async (args) => {
      takeConfig(run, args.getConfig());
      await rememberInputs(run, args);
    },
  };
}

function judgeByRule<P>(rule: Rule<P>, run: PackRun<P>): Policy {
  const [{ kind, text, date, link }] = rule.basis;
  return {
    name: rule.name,
    description: `${rule.id} ${rule.title}`,
    severity: rule.severity,
    url: link,
    framework: { name: kind, version: date, reference: rule.id, specification: text },
    ...(rule.scope === "each" || rule.checkBefore ? { validateResource: beforeItIsMade(rule, run) } : {}),
    validateStack: atTheEnd(rule, run),
  };
}

function beforeItIsMade<P>(rule: Rule<P>, run: PackRun<P>): ResourceValidation {
  return async (args, report) => {
    const resource = await resourceIn(run, args);
    if (!isAbout(rule, resource)) return;
    reportFindings(run, rule, judgeBefore(rule, resource, parametersOf(run)), report);
  };
}

/** A rule of scope `each` has judged its resources before they were created. Here it reports if there was none. */
function atTheEnd<P>(rule: Rule<P>, run: PackRun<P>): StackValidation {
  return async (args, report) => {
    const resources = await resourcesIn(run, args);
    const wasJudged = rule.scope === "each" && resources.some((resource) => isAbout(rule, resource));
    if (!wasJudged) reportFindings(run, rule, judge(rule, resources, parametersOf(run)), report);
  };
}

function nameIdleRules<P>(rules: readonly Rule<P>[], run: PackRun<P>): Policy {
  return {
    name: "coverage",
    description: "POL-00 A rule that had nothing to judge says so.",
    enforcementLevel: "advisory",
    validateStack: async (args, report) => {
      const resources = await resourcesIn(run, args);
      const idle = rules.filter((rule) => !rule.ifNone && !resources.some((resource) => isAbout(rule, resource)));
      for (const { id, title, reads } of idle) {
        send(run, report, {
          message: `POL-00 ${id} had nothing to judge: it looks for ${reads.join(", for ")}. (${title})`,
        });
      }
    },
  };
}

/** Comes last, since only then is it known which exceptions were needed. */
function judgeExceptions<P>(rules: readonly Rule<P>[], run: PackRun<P>): Policy {
  return {
    name: "exceptions",
    description: "POL-01 The pack's parameters can be read, and each exception is dated, narrow and used.",
    validateStack: async (args, report) => {
      const urn = stackUrn(await resourcesIn(run, args));
      const { config, covered, today } = run;
      const ids = rules.map(({ id }) => id);
      const wrong = wrongExceptions(config.exceptions, covered, ids, stackOf(urn), today);
      for (const problem of [...config.problems, ...wrong]) send(run, report, { message: `POL-01 ${problem}`, urn });
      covered.clear();
      run.reported.clear();
    },
  };
}

function resourcesIn<P>(run: PackRun<P>, { resources }: StackValidationArgs): Promise<Resource[]> {
  return Promise.all(resources.map((resource) => resourceIn(run, resource)));
}

function engineSchema(schema: z.ZodType): PolicyConfigSchema {
  const { properties } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return { properties } as unknown as PolicyConfigSchema;
}
