import { z } from "zod";

/**
 * What `make evidence` and `make review` write: an in-toto statement (https://in-toto.io/Statement/v1) about the state
 * of one stack, or about a preview of it. Published as docs/evidence.schema.json; a change that breaks readers gets a
 * new `predicateType`.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const commit = z.strictObject({ gitCommit: z.string().regex(/^[0-9a-f]{40}$/) });
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const time = z.iso.datetime();

/** `nothing to judge`: the stack has no resource that the rule is about. */
export const states = [
  "violated",
  "unverifiable",
  "excepted",
  "attested",
  "declared",
  "shown",
  "nothing to judge",
] as const;
export const state = z.enum(states);

const finding = z.strictObject({
  /** Name for people: `KvmNode cp1`. */
  resource: z.string(),
  urn: z.string(),
  /** Path in the resource's properties. */
  field: z.string(),
  state,
  /** The value that was read; absent if it could be a secret. */
  read: z.string().optional(),
  allowed: z.string().optional(),
  reason: z.string().optional(),
  attested: z.strictObject({ by: z.string(), until: day }).optional(),
  exception: z.strictObject({ owner: z.string(), until: day, justification: z.string() }).optional(),
});

/** What the engine does about a violation of a rule: stop, warn, or nothing at all. */
const level = z.enum(["mandatory", "advisory", "disabled"]);

const rule = z.strictObject({
  id: z.string(),
  pack: z.string(),
  /** As the stack's parameters say; `mandatory` unless they do. */
  level,
  title: z.string(),
  severity: z.enum(["low", "medium", "high", "critical"]),
  basis: z.array(
    z.strictObject({
      kind: z.enum(["law", "guidance", "customer demand", "technical"]),
      text: z.string(),
      link: z.string(),
      date: day,
    }),
  ),
  /** Day by which the basis must be read again. */
  reviewBy: day,
  reads: z.array(z.string()),
  /** The worst state among the findings. */
  state,
  findings: z.array(finding),
});

/** Readings of the running cluster, beside the stack's state. */
const live = z.strictObject({
  /** When it was read. */
  time,
  facts: z.array(
    z.strictObject({
      /** Machine that was read. */
      node: z.string(),
      about: z.enum(["image", "registry", "package source", "name server", "time server", "round trip"]),
      read: z.string(),
      state: z.enum(["shown", "unverifiable", "violated"]),
      /** What it means, as a sentence. */
      meaning: z.string(),
    }),
  ),
});

export const predicateType = "urn:kjerne:policy-evidence:3";

export const evidenceSchema = z.strictObject({
  _type: z.literal("https://in-toto.io/Statement/v1"),
  /** The stack's state, as a hash over its inputs without secrets; or the commit that was previewed. */
  subject: z
    .array(z.strictObject({ name: z.string(), digest: z.union([z.strictObject({ sha256 }), commit]) }))
    .length(1),
  predicateType: z.literal(predicateType),
  predicate: z.strictObject({
    stack: z.string(),
    of: z.enum(["state", "preview"]),
    /** When it was read. */
    time,
    resources: z.int(),
    packs: z.array(
      z.strictObject({
        name: z.string(),
        version: z.string(),
        /** Over the pack's files and those that all packs share. */
        sha256,
        parameters: z.record(z.string(), z.unknown()),
        /** SHA-256 of the file of exceptions that the pack used; absent without such a file. */
        exceptionsSha256: sha256.optional(),
      }),
    ),
    exceptions: z.strictObject({ problems: z.array(z.string()) }),
    /**
     * `nothing open`: no mandatory rule is violated or unverifiable without an exception, the exceptions are in order,
     * and nothing on the running cluster contradicts. It is no statement about the law.
     */
    verdict: z.enum(["nothing open", "open"]),
    /** Number of rules in each state. */
    summary: z.record(state, z.int()),
    rules: z.array(rule),
    live: live.optional(),
    /** What no rule can find out. */
    limits: z.array(z.string()),
  }),
});

export type Evidence = z.infer<typeof evidenceSchema>;
export type EvidenceRule = z.infer<typeof rule>;
export type EvidenceFinding = z.infer<typeof finding>;
export type LiveFacts = z.infer<typeof live>;
export type EvidenceState = z.infer<typeof state>;

/** The schema for other programs: JSON Schema, draft 7. */
export function jsonSchema(): object {
  return { title: "kjerne policy evidence", ...z.toJSONSchema(evidenceSchema, { target: "draft-7" }) };
}
