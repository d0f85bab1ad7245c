import * as pulumi from "@pulumi/pulumi";

type Facts = Readonly<Record<string, unknown>>;

/** Where data and control lie. Plain values: what is known only after the change can't be reviewed. */
export interface ResidencyArgs {
  /** Copies outside the nodes, by name. */
  readonly backups: readonly ({ readonly name: string } & Facts)[];
  /** The stack's own state: backend, secrets provider, and who holds the key. */
  readonly state: Facts;
  /** Use (`registry`, `time`, …) → every server that is used for it. */
  readonly endpoints: Readonly<Record<string, readonly Facts[]>>;
  /** Statements that a named person vouches for, until a date. */
  readonly attestations: readonly ({ readonly about: string } & Facts)[];
  /** Countries outside the EEA that data or access goes to, and on what ground. @default - none */
  readonly transfers?: readonly ({ readonly to: string } & Facts)[];
}

/**
 * The record of where data and control lie. It creates nothing outside Pulumi's state: each recorded fact is a
 * resource, so that policies judge it before a change, the preview shows how it changes, and the state keeps it.
 */
export class Residency extends pulumi.ComponentResource {
  constructor(name: string, args: ResidencyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kjerne:residency:Residency", name, {}, opts);
    const record = (kind: string, of: string, facts: Facts) => new RecordedFact(kind, of, facts, { parent: this });

    for (const { name, ...facts } of args.backups) record("Backup", name, facts);
    record("State", "state", args.state);
    for (const [use, hosts] of Object.entries(args.endpoints)) record("Endpoints", use, { hosts });
    for (const { about, ...facts } of args.attestations) record("Attestation", about, facts);
    for (const transfer of args.transfers ?? []) record("Transfer", transfer.to, transfer);
  }
}

class RecordedFact extends pulumi.ComponentResource {
  constructor(kind: string, name: string, facts: Facts, opts: pulumi.ComponentResourceOptions) {
    super(`kjerne:residency:${kind}`, name, facts, opts);
    this.registerOutputs(facts);
  }
}
