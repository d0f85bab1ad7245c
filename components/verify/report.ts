/** One thing that was looked at on the running system. What could not be read has failed. */
export interface Check {
  /** Stable name, such as `bgp-sessions`; the same on every node. */
  readonly id: string;
  /** The check as a sentence for people. */
  readonly title: string;
  /** Node that was looked at, or `cluster`. */
  readonly node: string;
  readonly wanted: string;
  readonly found: string;
  readonly passed: boolean;
  /** Command that shows more, to be run on `node`, or on a control plane for `cluster`. */
  readonly next: string;
}

/** What the verification saw. */
export interface Report {
  readonly schema: 1;
  /** When the last fact was read, ISO 8601, UTC. */
  readonly time: string;
  readonly passed: boolean;
  /** What a reader must know besides the checks. */
  readonly remarks: readonly string[];
  readonly nodes: readonly ReportedNode[];
  readonly checks: readonly Check[];
}

/** Which machine, and which boot of it, the checks speak about. Unreadable values are empty. */
export interface ReportedNode {
  readonly name: string;
  readonly kernel: string;
  readonly bootId: string;
  readonly uptimeSeconds: number;
}
