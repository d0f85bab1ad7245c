import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument, visit } from "yaml";
import { engineKeys, projectWithOwnSettings } from "../pulumi-files";
import { type LabAddresses, labFiles } from "./plan";

const repository = join(__dirname, "../..");

/**
 * Writes the lab's stack file from `stacks/Pulumi.lab.yaml`: addresses moved to the lab's networks, keys filled in. What
 * the engine put into an earlier one (salt and secrets) stays.
 *
 * Beside it lies a `Pulumi.yaml`: run `pulumi stack select --create` there, for it writes a salt into the stack file of
 * the directory's own project whatever `--config-file` says, and the repository's files are not the lab's.
 *
 * @param supply Directory of the supply: the key of its packages, its index, Calico's manifest.
 * @returns The file, which `labEnvironment` names to the engine.
 */
export async function labStack(lab: string, addresses: LabAddresses, supply: string): Promise<string> {
  const { state, stackFile, sshKey, hostKey } = labFiles(lab);
  const stack = parseDocument(await readFile(join(repository, "stacks/Pulumi.lab.yaml"), "utf8"));
  moveAddresses(stack, addresses.index);
  const ssh = { privateKeyFile: sshKey, publicKeyFile: `${sshKey}.pub` };
  stack.setIn(["config", "kjerne:ssh"], ssh);
  const [type, key] = (await readFile(`${hostKey}.pub`, "utf8")).split(" ");
  setInEach(stack, ["config", "kjerne:hypervisors"], "hostKey", `${type} ${key}`);
  setInEach(stack, ["config", "kjerne:supply", "packages"], "signedByFile", join(supply, "kjerne.asc"));
  stack.setIn(["config", "kjerne:supply", "index"], join(supply, "supply.json"));
  stack.setIn(["config", "kjerne:network", "calico", "manifest"], join(supply, "manifests/calico.yaml"));
  if (existsSync(stackFile)) keepEngineParts(stack, parseDocument(await readFile(stackFile, "utf8")));
  await writeFile(stackFile, stack.toString({ lineWidth: 0 }), { mode: 0o600 });

  await writeFile(join(state, "Pulumi.yaml"), await projectWithOwnSettings(repository));
  return stackFile;
}

/** The networks in the file are those of index 0; every address in them moves to those of the lab's index. */
function moveAddresses(stack: Document, index: number): void {
  visit(stack, {
    Scalar(_, node) {
      if (typeof node.value !== "string") return;
      node.value = node.value.replace(/\b10\.(77|78)\.0\.(\d{1,3})\b/g, `10.$1.${index}.$2`);
    },
  });
}

function setInEach(stack: Document, list: readonly string[], key: string, value: string): void {
  const { length } = (stack.getIn(list) as { items: unknown[] }).items;
  for (let at = 0; at < length; at++) stack.setIn([...list, at, key], value);
}

/** Salt, key and encrypted values belong to the state, not to the settings. */
function keepEngineParts(stack: Document, earlier: Document): void {
  for (const key of engineKeys) {
    if (earlier.has(key)) stack.set(key, earlier.get(key));
  }
  const config = (earlier.toJS() as { config?: Record<string, unknown> }).config ?? {};
  for (const [key, value] of Object.entries(config)) {
    if (JSON.stringify(value).includes('"secure"')) stack.setIn(["config", key], value);
  }
}

/**
 * Variables by which `pulumi`, `kubectl` and `virsh` work on this lab. The engine's own (PATH, plugins) are not among
 * them.
 */
export async function labEnvironment(lab: string): Promise<Record<string, string>> {
  const { stackFile, pulumi, passphrase, kubeconfig } = labFiles(lab);
  const backend = join(pulumi, "state");
  await mkdir(backend, { recursive: true });
  return {
    PULUMI_HOME: join(pulumi, "home"),
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
    // Becomes --config-file of every command that has it. PULUMI_OPTION_STACK would break commands that take the stack
    // as an argument; the selected stack is kept in PULUMI_HOME.
    PULUMI_OPTION_CONFIG_FILE: stackFile,
    KUBECONFIG: kubeconfig,
  };
}
