import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument, visit } from "yaml";
import { versions } from "../../node-config/versions";
import { engineKeys, projectWithOwnSettings } from "../pulumi-files";
import { type LabMachines, nodesIn, usual } from "./machines";
import { type LabAddresses, labFiles, nodeAddress } from "./plan";

const repository = join(__dirname, "../..");

/**
 * Writes the lab's settings file from `stacks/Pulumi.lab.yaml`: moves addresses to the lab's networks, fills in keys,
 * and puts native nodes in the place of virtual machines where the lab has them. The engine's salt and secrets in an
 * earlier file stay.
 *
 * Beside it lies a `Pulumi.yaml`: run `pulumi stack select --create` there. That command writes a salt into the
 * settings of the project that it runs in, whatever `--config-file` says, and the repository's files must stay as they
 * are.
 *
 * @param supply Directory of the supply: the key of its packages, its index, Calico's manifest.
 * @returns The file.
 */
export async function writeLabSettings(
  lab: string,
  addresses: LabAddresses,
  supply: string,
  machines: LabMachines = usual,
): Promise<string> {
  const { state, stackFile, sshKey, hostKey } = labFiles(lab);
  const stack = parseDocument(await readFile(join(repository, "stacks/Pulumi.lab.yaml"), "utf8"));
  stack.setIn(["config", "kjerne:name"], lab);
  moveAddresses(stack, addresses.index);
  const ssh = { privateKeyFile: sshKey, publicKeyFile: `${sshKey}.pub` };
  stack.setIn(["config", "kjerne:ssh"], ssh);
  setInEach(stack, ["config", "kjerne:hypervisors"], "hostKey", await publicKey(hostKey));
  if (machines.machines === "native") await useNativeNodes(stack, lab, addresses, machines);
  else if (machines.workers === 0) stack.deleteIn(["config", "kjerne:nodes", 1]);
  if (machines.workers + machines.kvmWorkers === 0) setInEach(stack, ["config", "kjerne:nodes"], "taints", []);
  if (machines.loadBalancers === "yes")
    stack.setIn(["config", "kjerne:network", "loadBalancerCidrs"], [addresses.loadBalancers]);
  setInEach(stack, ["config", "kjerne:supply", "packages"], "signedByFile", join(supply, "kjerne.asc"));
  setInEach(stack, ["config", "kjerne:supply", "packages"], "suite", machines.debian);
  if (machines.debian !== versions.debian) stack.setIn(["config", "kjerne:supply", "debian"], machines.debian);
  stack.setIn(["config", "kjerne:supply", "index"], join(supply, "supply.json"));
  stack.setIn(["config", "kjerne:network", "calico", "manifest"], join(supply, "manifests/calico.yaml"));
  if (existsSync(stackFile)) keepEngineParts(stack, parseDocument(await readFile(stackFile, "utf8")));
  await writeFile(stackFile, stack.toString({ lineWidth: 0 }), { mode: 0o600 });

  await writeFile(join(state, "Pulumi.yaml"), await projectWithOwnSettings(repository));
  return stackFile;
}

/** Moves every address from the networks of index 0, which the file has, to those of the lab's index. */
function moveAddresses(stack: Document, index: number): void {
  visit(stack, {
    Scalar(_, node) {
      if (typeof node.value !== "string") return;
      node.value = node.value.replace(/\b10\.(77|78)\.0\.(\d{1,3})\b/g, `10.$1.${index}.$2`);
    },
  });
}

/**
 * Settings of a cluster on native nodes. They share this machine's kernel: it may have no IPVS, and only the profile
 * `base` can be set in a network namespace. Virtual machines among them are made as the template's worker.
 */
async function useNativeNodes(
  stack: Document,
  lab: string,
  addresses: LabAddresses,
  machines: LabMachines,
): Promise<void> {
  const template = stack.toJS() as { config: { "kjerne:nodes": { role: string }[] } };
  const virtual = template.config["kjerne:nodes"].find(({ role }) => role === "worker");
  const nodes = nodesIn(machines).map(async ({ name, role, isNative }) => {
    const address = nodeAddress(addresses, name);
    if (!isNative) return { ...virtual, name, address };
    const hostKey = await publicKey(join(labFiles(lab).node(name), "host_key"));
    const fabric = machines.fabric === "yes" ? { fabricInterface: "fab0" } : {};
    return { name, role, address, machine: { user: "kjerne", hostKey, container: true, ...fabric } };
  });
  stack.setIn(["config", "kjerne:nodes"], stack.createNode(await Promise.all(nodes)));
  if (machines.kvmWorkers === 0) {
    stack.setIn(["config", "kjerne:hypervisors"], stack.createNode([]));
    stack.deleteIn(["config", "kjerne:virtualisation"]);
  }
  if (machines.fabric === "yes") {
    setInEach(stack, ["config", "kjerne:hypervisors"], "fabricBridge", "fabric");
    stack.setIn(["config", "kjerne:network", "fabric"], { cidr: "10.99.0.0/16", namespaces: ["production"] });
  }
  stack.setIn(["config", "kjerne:kubernetes", "proxy"], { mode: "iptables" });
  stack.setIn(["config", "kjerne:kubernetes", "sysctlProfiles"], ["base"]);
  const endpoint = ["config", "kjerne:kubernetes", "endpoint"];
  const isAnnounced = machines.endpointBy === "bgp";
  const among = machines.controlPlanes === 1 ? nodeAddress(addresses, "cp1") : addresses.endpoint;
  stack.setIn([...endpoint, "address"], isAnnounced ? addresses.announcedEndpoint : among);
  if (isAnnounced || machines.controlPlanes > 1) stack.setIn([...endpoint, "by"], machines.endpointBy);
}

/** The type and the key, without the comment. */
async function publicKey(file: string): Promise<string> {
  return (await readFile(`${file}.pub`, "utf8")).split(" ").slice(0, 2).join(" ");
}

function setInEach(stack: Document, list: readonly string[], key: string, value: unknown): void {
  const { length } = (stack.getIn(list) as { items: unknown[] }).items;
  for (let at = 0; at < length; at++) stack.setIn([...list, at, key], stack.createNode(value));
}

/** Copies salt, key and encrypted values from an earlier file: they belong to the state, not to the settings. */
function keepEngineParts(stack: Document, earlier: Document): void {
  for (const key of engineKeys) {
    if (earlier.has(key)) stack.set(key, earlier.get(key));
  }
  const config = (earlier.toJS() as { config?: Record<string, unknown> }).config ?? {};
  for (const [key, value] of Object.entries(config)) {
    if (JSON.stringify(value).includes('"secure"')) stack.setIn(["config", key], value);
  }
}
