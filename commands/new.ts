import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { overSsh } from "../components/verify/ssh";
import { privateKey } from "../node-config/values/ssh-keys";
import { refuseWrong } from "../stacks/settings-file";
import { type Ask, answersTo, commandOf, terminal } from "../tools/new/answers";
import { settingsText } from "../tools/new/document";
import { factsIn } from "../tools/new/facts";
import { pinned } from "../tools/new/host-keys";
import { machinesIn } from "../tools/new/machine";
import { nodeNetworkOf } from "../tools/new/networks";
import { nextSteps } from "../tools/new/next-steps";
import { type NodeSettings, nodeProblems, nodesOf } from "../tools/new/nodes";
import { preflightInput } from "../tools/new/preflight";
import { decide, type Manifest } from "../tools/new/settings";
import { writeOnce } from "../tools/new/write-once";
import { runCommand } from "./run-command";

const repository = join(__dirname, "..");
const expand = (file: string) => file.replace(/^~(?=\/)/, homedir());

/** `make new STACK=…`: asks, looks at the machines, and writes `stacks/Pulumi.<stack>.yaml`. It changes no machine. */
async function main(): Promise<void> {
  const given = Object.fromEntries(process.argv.slice(2).map((word) => word.split(/=(.*)/s, 2)));
  const file = newFile(given.STACK);
  const talk = terminal();
  try {
    const answers = { ...(await answersTo(given, talk?.ask)) };
    await writeSettings(file, answers, talk?.ask).catch((error) => {
      if (talk) console.error(`\nTo go on with these answers: ${commandOf(answers)}\n`);
      throw error;
    });
    console.log(nextSteps(answers, file, existsSync(resolve(repository, expand(answers.INDEX ?? "")))));
  } finally {
    talk?.close();
  }
}

/** @throws Error where the stack has settings already */
function newFile(stack: string | undefined): string {
  if (!stack) throw new Error("no stack is named; name the new one, as in make new STACK=oslo");
  const file = process.env.PULUMI_OPTION_CONFIG_FILE ?? `stacks/Pulumi.${stack.split("/").at(-1)}.yaml`;
  if (existsSync(resolve(repository, file))) {
    throw new Error(
      `${file} is there already, and make new overwrites nothing; edit it, or name another stack, or remove it if it describes no cluster`,
    );
  }
  return file;
}

async function writeSettings(file: string, answers: Record<string, string>, ask?: Ask): Promise<void> {
  const key = await keyIn(answers.KEY ?? "");
  const machines = await pinned(machinesIn(answers.MACHINES ?? ""), ask);
  answers.MACHINES = machines.map(({ words, fingerprint }) => `${words}=${fingerprint}`).join(" ");
  const targets = Object.fromEntries(
    machines.map(({ address, port, user, hostKey }) => [
      `${address}-${port}`,
      { host: address, port, user, hostKey, privateKey: key },
    ]),
  );
  const manifest = await manifestAt(answers.CALICO ?? "");
  await overSsh(targets, async (run) => {
    const names = Object.keys(targets);
    const seen = await all(
      machines.map(async (machine, at) => ({
        machine,
        facts: factsIn(await run(names[at] as string, "machine/facts.sh", "", 60)),
      })),
    );
    refuse(nodeProblems(seen));
    const network = nodeNetworkOf(answers, seen);
    const nodes = nodesOf(seen, network, (answers.ENDPOINT ?? "") !== "");
    const hasIpvs = seen.every(({ facts }) => facts.ipvs);
    const text = settingsText(decide(answers, seen, network, manifest));
    const preflight = (node: NodeSettings, at: number) =>
      run(names[at] as string, "machine/preflight.sh", preflightInput(node, answers.STACK ?? "", network.mtu, hasIpvs));
    await all<unknown>([refuseWrong(text, file), ...nodes.map(preflight)]);
    await writeOnce(resolve(repository, file), text);
  });
}

async function keyIn(file: string): Promise<string> {
  const content = await readFile(expand(file), "utf8").catch(({ message }: Error) => {
    throw new Error(
      `KEY: ${message}; make a key pair with ssh-keygen -t ed25519 -N '' -f ${file}, and put ${file}.pub on each machine with ssh-copy-id`,
    );
  });
  const wrong = privateKey(content);
  if (wrong) throw new Error(`KEY: ${file} ${wrong}`);
  return content;
}

async function manifestAt(place: string): Promise<Manifest> {
  const text = await (/^https?:/.test(place) ? download(place) : readFile(expand(place), "utf8")).catch(
    ({ message, cause }: Error) => {
      const reason = cause instanceof Error ? cause.message : message;
      throw new Error(
        `CALICO: ${place}: ${reason}; name a calico.yaml, as a file or as an address that answers from here`,
      );
    },
  );
  return { place, sha256: createHash("sha256").update(text).digest("hex") };
}

async function download(address: string): Promise<string> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.text();
}

/** Every result, or an Error with the message of everything that failed. */
async function all<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  refuse(settled.flatMap((one) => (one.status === "rejected" ? [(one.reason as Error).message] : [])));
  return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

runCommand(main, 1);
