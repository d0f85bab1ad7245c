import { createHash } from "node:crypto";
import type { Properties, Resource } from "../../policies/rule";
import { plain, type SecretContent } from "../../tools/engine-values";

/** `pulumi stack export`, as far as it is read here: `apitype.UntypedDeployment` with `apitype.DeploymentV3` in it. */
export interface Export {
  readonly deployment: { readonly resources?: readonly ExportedResource[] };
}

interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly protect?: boolean;
  readonly delete?: boolean;
  readonly inputs?: Record<string, unknown>;
  readonly additionalSecretOutputs?: readonly string[];
}

/** A stack as rules see it, and a name for exactly this state of it. */
export interface StackState {
  readonly resources: readonly Resource[];
  /** SHA-256 over what was decided; the same for the same decisions, whenever and however often they were brought up. */
  readonly fingerprint: string;
}

/** What a preview of a stack shows, and what the packs said in it. */
export interface Preview {
  /** What was previewed: 40 hexadecimal digits. */
  readonly commit: string;
  /** Secrets are not in them. */
  readonly resources: readonly Resource[];
  readonly violations: readonly { readonly policy: string; readonly urn: string; readonly mandatory: boolean }[];
}

/**
 * Reads an export that was made with `--show-secrets`: rules judge what stands inside of secrets too, such as the host key
 * in a connection. What waits to be deleted counts as gone.
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
    resources: exported.map(({ urn, type, parent, protect = false, inputs = {}, additionalSecretOutputs = [] }) => ({
      urn,
      type,
      name: urn.split("::").slice(3).join("::"),
      parent,
      properties: plain(inputs, { secret: clear }) as Properties,
      additionalSecretOutputs,
      protect,
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
