import { setMaxListeners } from "node:events";

const interrupts = new AbortController();
// One for each command that runs: without this, Node.js takes more than ten for a leak.
setMaxListeners(0, interrupts.signal);

/** A signal that aborts after some seconds (0: never), or when the engine asks the provider to stop. */
export function deadline(seconds: number): AbortSignal {
  if (seconds === 0) return interrupts.signal;
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new Error(`context deadline exceeded: customTimeouts allows ${seconds} s`)),
    seconds * 1000,
  );
  timer.unref();
  return AbortSignal.any([limit.signal, interrupts.signal]);
}

export function interruptAll(): void {
  interrupts.abort(new Error("context canceled"));
}
