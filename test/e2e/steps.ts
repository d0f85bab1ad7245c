import { test } from "node:test";

/** Tests that build on each other: when one fails, those after it are skipped. */
export function steps(): { step: (name: string, run: () => Promise<void>) => void; hasFailed: () => boolean } {
  let failed = false;
  return {
    hasFailed: () => failed,
    step: (name, run) => {
      test(name, async (context) => {
        if (failed) return context.skip("a step before it failed");
        failed = true;
        await run();
        failed = false;
      });
    },
  };
}
