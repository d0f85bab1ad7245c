import type { Sent } from "../../components/drift/dial";
import { filesProvider } from "../../components/drift/files";
import { runOnBy } from "../../components/drift/run-on";
import { scriptProvider } from "../../components/drift/scripts";

export const connection = { host: "10.0.0.1", privateKey: "key", hostKey: "ssh-ed25519 AAAA" };
export const urnOf = (kind: string, name: string) => `urn:pulumi:dev::kjerne::kjerne-drift:index:${kind}::${name}`;

/** A machine that prints a line, and ends each command like this. */
export function machine(status: number | undefined = 0) {
  const sent: Omit<Sent, "say" | "signal">[] = [];
  const shown: string[] = [];
  const dial = async ({ say, signal: _, ...rest }: Sent) => {
    sent.push(rest);
    say("attempt 1 of 11 failed", false);
    say("printed", true);
    return { status, stdout: "printed", stderr: "the pool is full" };
  };
  const runOn = runOnBy(
    dial,
    (urn, line) => shown.push(`${urn.split("::").at(-1)}: ${line}`),
    new AbortController().signal,
  );
  return { sent, shown, scripts: scriptProvider(runOn), files: filesProvider(runOn) };
}
