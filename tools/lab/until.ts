import { setTimeout } from "node:timers/promises";

/**
 * Waits for a condition.
 *
 * @throws Error that names `what`, if it does not come true within `seconds`
 */
export async function until(what: string, seconds: number, condition: () => Promise<boolean>): Promise<void> {
  await untilSucceeds(what, seconds, async () => {
    if (!(await condition())) throw new Error("not yet");
  });
}

/**
 * Calls `attempt` until it succeeds.
 *
 * @throws Error that names `what`, caused by the last failure, if no attempt succeeds within `seconds`
 */
export async function untilSucceeds(what: string, seconds: number, attempt: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`waited ${seconds} s for ${what}: ${messageOf(cause)}`, { cause });
    }
    await setTimeout(200);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
