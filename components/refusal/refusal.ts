import { RunError } from "@pulumi/pulumi";
import type { z } from "zod";
import { problemsOf } from "../../node-config/values/rule";

/**
 * What can't be, and what to do instead, for somebody who writes settings or a program. Pulumi shows the message alone.
 *
 * It has no stack. The SDK has Node.js color one, and a Node.js without the fix of nodejs/node#64011, 20 among them, does not
 * end with the frame of a file right below a scope, which the SDK's own source maps have: an `up` that was refused took
 * half a minute and all memory that a string can have.
 */
export class Refusal extends RunError {
  constructor(message: string) {
    super(message);
    delete this.stack;
  }
}

/** Throws with all problems of what a component was given. */
export function refuse(component: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const changes = `${problems.length} change${problems.length === 1 ? "" : "s"}`;
  throw new Refusal(`${component} needs ${changes}:\n  ${problems.join("\n  ")}`);
}

/** Throws with everything in which the arguments of a component don't have this shape. */
export function refuseUnless(shape: z.ZodType, component: string, args: unknown): void {
  refuse(component, problemsOf(shape.safeParse(args).error, args));
}
