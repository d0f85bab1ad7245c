const interrupts = new AbortController();

/** A signal that is aborted after so many seconds (0: never) or when the engine asks everything to stop. */
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
