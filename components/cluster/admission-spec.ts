import type { AdmissionException } from "../security/admission-policies";

/** How API servers judge objects by the rules of the policy packs. */
export interface AdmissionSpec {
  /** `deny`: refused. `warn`: taken, and told to whoever asks and to the audit log. */
  readonly action: "deny" | "warn";
  /** What the arguments themselves ask for needs none. @default - none */
  readonly exceptions?: readonly ExceptionSpec[];
}

/** One object that a rule does not judge, for a time. */
export interface ExceptionSpec extends AdmissionException {
  readonly owner: string;
  readonly justification: string;
  /** Last day on which it holds, such as `2027-03-31`. */
  readonly until: string;
}
