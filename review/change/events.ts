import { type Properties, type Resource, unknown } from "../../policies/rule";
import { plain } from "../../tools/engine-values";
import type { PulumiRun } from "../../tools/pulumi";
import { secretWord } from "../evidence/stack-state";

/** A policy violation that a pack reported for a resource. */
export interface Violation {
  readonly pack: string;
  /** The rule's name in the engine. */
  readonly policy: string;
  readonly urn: string;
  /** As the pack wrote it, for people: the demand, what is wrong where, and why, each on a line of its own. */
  readonly message: string;
  readonly mandatory: boolean;
}

/** What a preview showed. */
export interface Outcome {
  readonly resources: readonly Resource[];
  readonly violations: readonly Violation[];
  /** Why the preview failed, in the engine's words. Empty if it succeeded. */
  readonly errors: readonly string[];
}

/** The parts of the engine's event log that this file reads (Pulumi's `apitype.EngineEvent`). */
interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly new?: EngineState } };
  readonly policyEvent?: {
    readonly resourceUrn?: string;
    readonly message: string;
    readonly policyName: string;
    readonly policyPackName: string;
    readonly enforcementLevel: string;
  };
  readonly diagnosticEvent?: { readonly message: string; readonly severity: string; readonly urn?: string };
  readonly errorEvent?: { readonly error: string };
}

interface EngineState {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly protect?: boolean;
  /** Whether a provider makes it, and not the program alone. */
  readonly custom?: boolean;
  readonly inputs?: Record<string, unknown>;
}

/**
 * Reads the engine's event log of a preview. Where the log has no error for a failed preview, its output is the error.
 */
export function outcomeOf(log: string, ran: PulumiRun): Outcome {
  const events = log
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as EngineEvent);
  const violations = events.flatMap(({ policyEvent }) => (policyEvent ? [violationOf(policyEvent)] : []));
  const blocked = violations.some(({ mandatory }) => mandatory);
  const errors = events
    .flatMap(({ diagnosticEvent, errorEvent }) => [
      ...(diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : []),
      ...(errorEvent ? [errorEvent.error.trim()] : []),
    ])
    // Says no more than the violations do.
    .filter((error) => !(blocked && error === "preview failed"));
  const explained = errors.length > 0 || blocked;
  return {
    resources: events.flatMap(({ resourcePreEvent: step }) =>
      step?.metadata.new ? [resourceOf(step.metadata.new)] : [],
    ),
    violations,
    errors: ran.code !== 0 && !explained ? [(ran.output + ran.errors).trim()] : [...new Set(errors)],
  };
}

function violationOf(event: NonNullable<EngineEvent["policyEvent"]>): Violation {
  return {
    pack: event.policyPackName,
    policy: event.policyName,
    urn: event.resourceUrn ?? "",
    message: event.message.trim(),
    mandatory: event.enforcementLevel === "mandatory",
  };
}

function resourceOf({ urn, type, parent, protect = false, custom = false, inputs = {} }: EngineState): Resource {
  // The engine leaves the value of a secret out of its log.
  const properties = plain(inputs, { secret: () => secretWord, unknown }) as Properties;
  return {
    urn,
    type,
    name: urn.split("::").slice(3).join("::"),
    parent,
    properties,
    additionalSecretOutputs: [],
    protect,
    hasProvider: custom && !type.startsWith("pulumi:"),
  };
}
