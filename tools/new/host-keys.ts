import type { Ask } from "./answers";
import { fingerprintOf, type NamedMachine, type PinnedMachine, shownKey } from "./machine";

const onTheMachine = "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub";

/**
 * The machines with their host keys: each is the one whose fingerprint was given, or that somebody confirms.
 *
 * @param ask @default - nobody is there, and each fingerprint has to be given
 * @throws Error with every machine whose host key is another one, or that nobody confirmed
 */
export async function pinned(machines: readonly NamedMachine[], ask?: Ask): Promise<PinnedMachine[]> {
  const shown = await Promise.allSettled(machines.map(shownKey));
  const problems = shown.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).message] : []));
  const found: PinnedMachine[] = [];
  for (const [at, { fingerprint, ...machine }] of machines.entries()) {
    const one = shown[at];
    if (one?.status !== "fulfilled") continue;
    const seen = fingerprintOf(one.value.hostKey);
    const words = machine.words.replace(/=SHA256:.*/, "");
    const confirmed = fingerprint ?? (ask && (await confirmedBy(ask, words, seen)) ? seen : undefined);
    if (confirmed === seen) found.push({ ...machine, ...one.value, words, fingerprint: seen });
    else problems.push(refusal(words, seen, confirmed));
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return found;
}

async function confirmedBy(ask: Ask, words: string, seen: string): Promise<boolean> {
  const answer = await ask(
    `${words} shows the host key ${seen}.\n  Does it stand on the machine's console or with its provider (${onTheMachine})? yes, or anything else to stop\n> `,
  );
  return answer.trim() === "yes";
}

function refusal(words: string, seen: string, wanted: string | undefined): string {
  if (wanted === undefined) {
    return `${words}: shows the host key ${seen}, which nobody confirmed. Compare it with what the machine's console prints (${onTheMachine}), then write ${words}=SHA256:… with that`;
  }
  return `${words}: shows the host key ${seen}, and you gave ${wanted}. Another machine answers there, or it was made anew: find out which (${onTheMachine} on its console) before you give another fingerprint`;
}
