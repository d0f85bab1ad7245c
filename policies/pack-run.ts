import type { PolicyResource, ReportViolation, ResourceValidationArgs } from "@pulumi/policy";
import type { z } from "zod";
import { engineResource, urnsOf } from "./engine-resource";
import { type Exception, exceptionFor } from "./exceptions";
import { type PackConfig, readPackConfig } from "./pack-config";
import { type Day, type Finding, isViolation, message, type Resource, type Rule } from "./rule";
import { masked, noSecretsSeen, type SecretsSeen, withoutSecret } from "./secrets-seen";

/** What the policies of one pack share while the engine runs them. */
export interface PackRun<P> {
  readonly schema: z.ZodType<P>;
  /** Day on which the pack was started, in UTC: `2027-03-31`. */
  readonly today: string;
  /** URN → the resource with its inputs. */
  readonly inputs: Map<string, Resource>;
  /** Exception → the violations that it has let pass. */
  readonly covered: Map<Exception, Finding[]>;
  /** What was reported about a resource before it was made, so that it is not said again at the end. */
  readonly reported: Set<string>;
  readonly secrets: SecretsSeen;
  config: PackConfig<P>;
  /** The JSON that `config` was read from. */
  configText: string;
}

/** A run with the default parameters, which hold until the engine hands over others. */
export function startRun<P>(schema: z.ZodType<P>): PackRun<P> {
  return {
    schema,
    today: new Date().toISOString().slice(0, 10),
    inputs: new Map(),
    covered: new Map(),
    reported: new Set(),
    secrets: noSecretsSeen(),
    config: readPackConfig(schema, {}),
    configText: "{}",
  };
}

/** Reads parameters and exceptions again if they have changed: the engine passes them with each resource. */
export function takeConfig<P>(run: PackRun<P>, given: object): void {
  const text = JSON.stringify(given);
  if (text === run.configText) return;
  run.config = readPackConfig(run.schema, given);
  run.configText = text;
}

export async function rememberInputs<P>(run: PackRun<P>, resource: ResourceValidationArgs): Promise<void> {
  run.inputs.set(resource.urn, await engineResource(resource));
}

/** The resource with its stored inputs or, where none are stored, as the engine passes it. */
export async function resourceIn<P>(
  run: PackRun<P>,
  resource: ResourceValidationArgs | PolicyResource,
): Promise<Resource> {
  const stored = run.inputs.get(resource.urn);
  if (!stored) return engineResource(resource);
  return "propertyDependencies" in resource ? { ...stored, madeFrom: urnsOf(resource.propertyDependencies) } : stored;
}

/** What a rule gets beside the resources. */
export function parametersOf<P>({ config, today }: PackRun<P>): P & Day {
  return { ...config.parameters, today };
}

/** Reports to the engine what one rule found: violations, what an exception lets pass, and warnings. */
export function reportFindings<P>(
  run: PackRun<P>,
  rule: Rule<P>,
  findings: readonly Finding[],
  report: ReportViolation,
): void {
  for (const found of findings) {
    const finding = withoutSecret(run.secrets, found);
    const key = [rule.id, finding.urn, finding.field].join(" ");
    if (rule.checkBefore && run.reported.has(key)) continue;
    if (isViolation(finding)) run.reported.add(key);
    if (isViolation(finding)) reportViolation(run, rule, finding, report);
    else if (finding.reason) send(run, report, { ...advisory, message: message(rule, finding), urn: finding.urn });
  }
}

function reportViolation<P>(run: PackRun<P>, rule: Rule<P>, finding: Finding, report: ReportViolation): void {
  const { urn } = finding;
  const text = message(rule, finding);
  const exception = exceptionFor(run.config.exceptions, rule.id, finding, run.today);
  if (exception) {
    const { owner, until, justification } = exception;
    run.covered.set(exception, [...(run.covered.get(exception) ?? []), finding]);
    send(run, report, { ...advisory, message: `Excepted until ${until} by ${owner}: ${justification}\n${text}`, urn });
  } else {
    send(run, report, { message: text, urn });
  }
}

const advisory = { enforcementLevel: "advisory" } as const;

/** What the engine shows for one finding. Its level is the policy's own unless another is given. */
export interface Diagnostic {
  readonly message: string;
  /** Left out where it is about no resource. */
  readonly urn?: string;
  readonly enforcementLevel?: "advisory";
}

/** The SDK also takes an object, unlike its types say. To a text it would prepend the policy's description. */
export function send<P>({ secrets }: PackRun<P>, report: ReportViolation, diagnostic: Diagnostic): void {
  const message = masked(secrets, diagnostic.message);
  (report as unknown as (diagnostic: Diagnostic) => void)({ ...diagnostic, message });
}
