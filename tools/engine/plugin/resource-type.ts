import type { Properties } from "./property-values";

/** One thing the engine asks for, with all that is needed to do it. */
export interface Task {
  /** Name of the resource in the program. */
  readonly name: string;
  /** Inputs without secret marks. For a delete: those it was last written with. */
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
  /** Every input property. */
  readonly inputs: readonly string[];
  /** The inputs that must be there. */
  readonly required: readonly string[];
  /** Properties that only the provider sets. All other inputs are echoed into the state as they came. */
  readonly outputs: readonly string[];
  /** Values of inputs that the program leaves out. @default - none */
  readonly defaults?: Properties;
  /** Inputs whose change replaces the resource; a change of any other updates it. */
  readonly replaceOnChanges: readonly string[];
  /** What is wrong with the inputs, as property and reason. Values may be unknown. @default - nothing more to check */
  readonly check?: (inputs: Properties) => { property: string; reason: string }[];
  readonly create: (task: Task) => Promise<{ id: string; outputs: Properties }>;
  /** New outputs. @default - the old ones stay */
  readonly update?: (task: Task) => Promise<Properties>;
  /** @default - nothing to undo */
  readonly delete?: (task: Task) => Promise<void>;
}

/** A function that programs call. Runs in previews too, once its arguments are known. */
export type InvokeFunction = (args: Properties, signal: AbortSignal) => Promise<Properties>;

/** A provider: tokens as in the official schema. */
export interface Provider {
  readonly name: string;
  /** The version of the SDK that it stands in for: the engine warns about any other. */
  readonly version: string;
  readonly resources: Readonly<Record<string, ResourceType>>;
  readonly functions: Readonly<Record<string, InvokeFunction>>;
}
