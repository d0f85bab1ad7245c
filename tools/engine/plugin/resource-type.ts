import type { Properties } from "./property-values";
import type { Failure, Schema } from "./schema";

/** One create, update or delete that the engine requests, with everything needed to carry it out. */
export interface Task {
  /** Name of the resource in the program. */
  readonly name: string;
  /** Inputs without secret marks. For a delete: those of the last create or update. */
  readonly inputs: Properties;
  /** Outputs so far, without secret marks; empty before a create. */
  readonly state: Properties;
  /** Aborted when the resource's timeout passes or the user interrupts. */
  readonly signal: AbortSignal;
  /** Shows a line beside the resource while it is being worked on. */
  readonly show: (line: string) => void;
}

/** One resource type of a provider: its schema, and what create, update and delete do. */
export interface ResourceType {
  readonly inputs: Schema;
  /** Names of the properties that only the provider sets. Inputs are echoed into the state as they came. */
  readonly outputs: readonly string[];
  /**
   * Values of inputs that the program leaves out. The state has them among the outputs, not among the inputs: as the
   * official provider keeps it. @default - none
   */
  readonly defaults?: Properties;
  /** Inputs whose change replaces the resource; a change of any other updates it. */
  readonly replaceOnChanges: readonly string[];
  /**
   * Further mistakes in inputs that agree with the schema. Values may be unknown. @default - none
   */
  readonly check?: (inputs: Properties) => Failure[];
  readonly create: (task: Task) => Promise<{ id: string; outputs: Properties }>;
  /** New outputs. @default - the old ones stay */
  readonly update?: (task: Task) => Promise<Properties>;
  /** @default - nothing to undo */
  readonly delete?: (task: Task) => Promise<void>;
}

/** The part of a provider that kjerne uses; any other type, and every function, is refused by name. */
export interface Provider {
  readonly name: string;
  /** The version of the SDK that programs import: the engine warns about a provider of another version. */
  readonly version: string;
  /** Resource types by their tokens in the official schema. */
  readonly resources: Readonly<Record<string, ResourceType>>;
}
