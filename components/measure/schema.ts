import { z } from "zod";
import { measured } from "./measured";

/**
 * What `make report` measured on a running cluster, and what that means: `report.json`. Published as
 * docs/report.schema.json; a change that breaks readers gets another number in `schema`.
 */

const evidence = z.strictObject({ where: z.string(), found: z.string() });

const finding = z.strictObject({
  rule: z.string(),
  title: z.string(),
  reads: z.string(),
  limit: z.string(),
  source: z.string(),
  strength: z.enum(["strong", "moderate"]),
  evidence: z.array(evidence).min(1),
  cannotTell: z.string(),
  next: z.string(),
  /** Rules that were named and have this for a consequence. */
  explainedBy: z.array(z.string()),
});

const change = z.strictObject({
  what: z.string(),
  where: z.string(),
  unit: z.string(),
  before: z.number(),
  now: z.number(),
});

export const reportSchema = z.strictObject({
  schema: z.literal(1),
  stack: z.string(),
  /** When it was begun, and how long it took. */
  time: z.iso.datetime(),
  seconds: z.number(),
  measured,
  bottleneck: z.strictObject({
    /** In one sentence. */
    answer: z.string(),
    /** Causes, each with its numbers. */
    named: z.array(finding),
    /** Over their limits too, and explained by those that are named. */
    consequences: z.array(finding),
    /** Rules whose measurement could not be made, with the reason. */
    unanswered: z.array(z.strictObject({ rule: z.string(), title: z.string(), reason: z.string() })),
  }),
  /** Against the report before; absent where there is none. */
  difference: z
    .strictObject({
      since: z.iso.datetime(),
      /** Titles of causes that are named now and were not, and the other way round. */
      begun: z.array(z.string()),
      ended: z.array(z.string()),
      changes: z.array(change),
    })
    .optional(),
  /** What a reader must know besides. */
  remarks: z.array(z.string()),
});

export type Report = z.infer<typeof reportSchema>;
export type Finding = z.infer<typeof finding>;
export type Evidence = z.infer<typeof evidence>;

/** The schema for other programs: JSON Schema, draft 7. */
export function reportJsonSchema(): object {
  return { title: "kjerne report", ...z.toJSONSchema(reportSchema, { target: "draft-7" }) };
}
