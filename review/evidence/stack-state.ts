import { createHash } from "node:crypto";
import type { Properties, Resource } from "../../policies/rule";
import { plain, type SecretContent } from "../../tools/engine-values";

/**
 * The parts of `pulumi stack export` that this file reads: `apitype.UntypedDeployment` with an `apitype.DeploymentV3`.
 */
export interface Export {
  readonly deployment: { readonly resources?: readonly ExportedResource[] };
}

interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly delete?: boolean;
  /** Whether a provider made it. */
  readonly custom?: boolean;
  readonly propertyDependencies?: Readonly<Record<string, readonly string[]>> | null;
  readonly inputs?: Record<string, unknown>;
  readonly additionalSecretOutputs?: readonly string[];
}

/** A stack as rules see it, with a hash that identifies this state of it. */
export interface StackState {
  readonly resources: readonly Resource[];
  /**
   * SHA-256 over all inputs without secrets: the same inputs have the same fingerprint, however often they are
   * deployed.
   */
  readonly fingerprint: string;
}

/** The resources that a preview of a stack shows, and the violations that the packs reported. */
export interface Preview {
  /** Commit that was previewed, 40 hexadecimal digits. */
  readonly commit: string;
  /** Without secrets. */
  readonly resources: readonly Resource[];
  readonly violations: readonly { readonly policy: string; readonly urn: string; readonly mandatory: boolean }[];
}

/**
 * Reads an export that was made with `--show-secrets`: rules judge what is inside of secrets too, such as the host key
 * in a connection. Resources that wait to be deleted are left out.
 */
export function stackState({ deployment }: Export): StackState {
  const exported = (deployment.resources ?? []).filter((resource) => !resource.delete);
  const facts = exported
    .map(({ urn, inputs = {}, parent, protect = false }) => ({
      urn,
      parent,
      protect,
      inputs: plain(inputs, { secret: hidden }),
    }))
    .sort((a, b) => (a.urn < b.urn ? -1 : 1));
  return {
    resources: exported.map((resource) => ({
      urn: resource.urn,
      type: resource.type,
      name: resource.urn.split("::").slice(3).join("::"),
      parent: resource.parent,
      properties: plain(resource.inputs ?? {}, { secret: clear }) as Properties,
      additionalSecretOutputs: resource.additionalSecretOutputs ?? [],
      protect: resource.protect ?? false,
      hasProvider: resource.custom === true && !resource.type.startsWith("pulumi:"),
      madeFrom: resource.propertyDependencies ?? {},
    })),
    fingerprint: createHash("sha256").update(JSON.stringify(facts, sortedKeys)).digest("hex"),
  };
}

/** Placeholder for a secret whose plaintext is not at hand. */
export const secretWord = "[secret]";

const clear = ({ plaintext }: SecretContent): unknown =>
  plaintext === undefined ? secretWord : plain(JSON.parse(plaintext), { secret: clear });
const hidden = () => secretWord;

function sortedKeys(_: string, value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
