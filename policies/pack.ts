import type {
  PolicyConfigSchema,
  PolicyPackArgs,
  ReportViolation,
  ResourceValidationArgs,
  StackValidationArgs,
} from "@pulumi/policy";
import { z } from "zod";
import { engineResource } from "./engine-resource";
import { type Exception, exceptionFor, stackOf, wrongExceptions } from "./exceptions";
import { guarded, isAbout, judge, stackUrn } from "./judge";
import { readPackConfig } from "./pack-config";
import { type Finding, isViolation, message, type Resource, type Rule } from "./rule";

type Policy = NonNullable<PolicyPackArgs["policies"]>[number];

/** What every pack can be told; each adds its own. */
export const packParameters = z.strictObject({
  /** From the pack's own directory, or absolute. */
  exceptionsFile: z.string().default("../exceptions.yaml"),
});

/**
 * Rules as a policy pack of the engine: one mandatory policy for each. A policy of the pack's own comes first. It takes
 * the parameters, and remembers what each resource was given: after a change the engine shows outputs, of which
 * components have few, while rules judge what somebody decided.
 *
 * @param schema - read from the key `pack` of `--policy-pack-config`; everything in it has a default
 */
export function packOf<P>(rules: readonly Rule<P>[], schema: z.ZodObject & z.ZodType<P>): PolicyPackArgs {
  const inputs = new Map<string, Resource>();
  const covered = new Map<Exception, Finding[]>();
  const today = new Date().toISOString().slice(0, 10);
  let config = readPackConfig(schema, {});
  let configText = "{}";

  const pack: Policy = {
    name: "pack",
    description: "Takes the pack's parameters and exceptions.",
    configSchema: engineSchema(schema),
    validateResource: async (args) => {
      const given = args.getConfig();
      if (JSON.stringify(given) !== configText) {
        config = readPackConfig(schema, given);
        configText = JSON.stringify(given);
      }
      inputs.set(args.urn, await engineResource(args));
    },
  };

  const coverage: Policy = {
    name: "coverage",
    description: "POL-00 A rule that had nothing to judge says so.",
    enforcementLevel: "advisory",
    validateStack: async (args, report) => {
      const resources = await all(args);
      const idle = rules.filter((rule) => !rule.ifNone && !resources.some((resource) => isAbout(rule, resource)));
      for (const { id, title, reads } of idle) {
        tell(report, `POL-00 ${id} had nothing to judge: it looks for ${reads.join(", for ")}. (${title})`);
      }
    },
  };

  const exceptions: Policy = {
    name: "exceptions",
    description: "POL-01 The pack's parameters can be read, and each exception is dated, narrow and used.",
    validateStack: async (args, report) => {
      const urn = stackUrn(await all(args));
      const ids = rules.map(({ id }) => id);
      const wrong = wrongExceptions(config.exceptions, covered, ids, stackOf(urn), today);
      for (const problem of [...config.problems, ...wrong]) tell(report, `POL-01 ${problem}`, { urn });
      covered.clear();
    },
  };
  return { enforcementLevel: "mandatory", policies: [pack, ...rules.map(policyOf), coverage, exceptions] };

  function policyOf(rule: Rule<P>): Policy {
    const [{ kind, text, date, link }] = rule.basis;
    return {
      name: rule.name,
      description: `${rule.id} ${rule.title}`,
      severity: rule.severity,
      url: link,
      framework: { name: kind, version: date, reference: rule.id, specification: text },
      ...(rule.scope === "each" ? { validateResource: beforeItIsMade(rule) } : {}),
      validateStack: atTheEnd(rule),
    };
  }

  function beforeItIsMade(rule: Rule<P>) {
    return async (args: ResourceValidationArgs, report: ReportViolation) => {
      const resource = inputs.get(args.urn) ?? (await engineResource(args));
      if (isAbout(rule, resource)) reportAll(rule, guarded(rule, [resource], { ...config.parameters, today }), report);
    };
  }

  function atTheEnd(rule: Rule<P>) {
    return async (args: StackValidationArgs, report: ReportViolation) => {
      const resources = await all(args);
      const wasJudged = rule.scope === "each" && resources.some((resource) => isAbout(rule, resource));
      if (!wasJudged) reportAll(rule, judge(rule, resources, { ...config.parameters, today }), report);
    };
  }

  function all({ resources }: StackValidationArgs): Promise<Resource[]> {
    return Promise.all(resources.map(async (resource) => inputs.get(resource.urn) ?? engineResource(resource)));
  }

  function reportAll(rule: Rule<P>, findings: readonly Finding[], report: ReportViolation): void {
    for (const finding of findings) {
      const { urn } = finding;
      if (!isViolation(finding)) {
        if (finding.reason) tell(report, message(rule, finding), { urn, enforcementLevel: "advisory" });
        continue;
      }
      const exception = exceptionFor(config.exceptions, rule.id, finding, today);
      if (!exception) {
        tell(report, message(rule, finding), { urn });
        continue;
      }
      covered.set(exception, [...(covered.get(exception) ?? []), finding]);
      const { owner, until, justification } = exception;
      const excuse = `Excepted until ${until} by ${owner}: ${justification}`;
      tell(report, `${excuse}\n${message(rule, finding)}`, { urn, enforcementLevel: "advisory" });
    }
  }
}

function engineSchema(schema: z.ZodType): PolicyConfigSchema {
  const { properties } = z.toJSONSchema(schema, { target: "draft-7", io: "input" });
  return { properties } as unknown as PolicyConfigSchema;
}

/** Given a text alone, the SDK puts the policy's description before it. */
function tell(report: ReportViolation, message: string, more: { urn?: string; enforcementLevel?: "advisory" } = {}) {
  (report as unknown as (violation: object) => void)({ message, ...more });
}
