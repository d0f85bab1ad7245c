import * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../../components/cluster/cluster";
import { fixedFactsOf, refuseOthers } from "../../components/cluster/fixed-facts";
import { withDefaults } from "../../components/cluster/with-defaults";
import { Residency } from "../../components/residency/residency";
import { clusterArgs } from "../../stacks/cluster-args";
import { backup, credentials } from "./backup-samples";
import { type Config, read } from "./environments";
import { publicKeyOf } from "./key-samples";

/** What one resource of a stack is, as the engine compares it with the state. */
export interface Part {
  readonly type: string;
  readonly inputs: string;
  /** Another one replaces the resource. */
  readonly replacementTrigger: string;
}

// The SDK takes a stack trace for each promise that it makes, which would be most of the time that a test takes.
Error.stackTraceLimit = 0;

const printed = (name: string) =>
  name.endsWith("-preflight")
    ? { domainType: "kvm" }
    : { hostKey: "ssh-ed25519 AAAAnode", instanceId: `${name}-1`, kubeconfig: kubeconfig, caHash: "sha256:0" };
const kubeconfig = "clusters: [{cluster: {server: x}}]\n";

let parts = new Map<string, Part>();
const triggers = new Map<string, unknown>();

const mocks: pulumi.runtime.Mocks = {
  newResource: async ({ name, type, inputs }) => {
    // Late, so that a resource that should wait for it and doesn't comes first.
    if (/-(routes-seen|network-attachments)$/.test(name)) await turns(50);
    const replacementTrigger = JSON.stringify(triggers.get(name) ?? null);
    parts.set(`${type} ${name}`, { type, inputs: JSON.stringify(inputs), replacementTrigger });
    const answers =
      type === "pulumi:index:Stash"
        ? { output: inputs.input }
        : { stdout: JSON.stringify(printed(name)), result: name.padEnd(32, "r").slice(0, 32), putBackAt: "" };
    return { id: `${name}-id`, state: { ...inputs, ...answers } };
  },
  call: () => ({}),
};

/** The oslo example with one worker of each kind, backups and volumes. */
function example(config: Config): void {
  config.nodes = config.nodes.filter(({ name }: Config) => !["worker2", "worker3"].includes(name));
  config.backup = backup();
  const machine = { hostKey: publicKeyOf("rented1") };
  config.nodes.push({ name: "rented1", role: "worker", address: "10.20.0.44", machine });
  for (const node of config.nodes)
    if (node.role === "worker") node.volumes = [{ directory: "/srv/volumes/a", sizeGiB: 20 }];
}

/** Every resource of that example, by type and name, after `change` edited its settings. */
export async function partsOf(
  change: (config: Config) => unknown = () => {},
  stack = "oslo",
): Promise<ReadonlyMap<string, Part>> {
  const made = new Map<string, Part>();
  parts = made;
  triggers.clear();
  const { settings, args } = await argumentsOf(change, stack);
  new Residency(settings.name, settings.residency);
  new Cluster(settings.name, args, { transformations: [watch] });
  for (let before = -1; before !== made.size; ) {
    before = made.size;
    await turns(300);
  }
  return made;
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

/** Throws as a preview does where the state has recorded the example's facts and `change` edited the settings. */
export async function keptBy(change: (config: Config) => unknown): Promise<void> {
  refuseOthers(
    await factsOf(change),
    await factsOf(() => {}),
    "urn:pulumi:oslo::kjerne::pulumi:index:Stash::oslo-fixed",
  );
}

async function factsOf(change: (config: Config) => unknown): Promise<Readonly<Record<string, string>>> {
  const { settings, args } = await argumentsOf(change);
  return { name: settings.name, ...fixedFactsOf(withDefaults(args)) };
}

async function argumentsOf(change: (config: Config) => unknown, stack = "oslo") {
  pulumi.runtime.setMocks(mocks, "kjerne", stack, true); // A preview: nothing reaches a machine.
  let passwords: Readonly<Record<string, string>> = { tor1: "hunter2", tor2: "hunter3" };
  let store: Readonly<Record<string, string>> = credentials;
  const found = await read("oslo", (config) => {
    example(config);
    change(config);
    passwords = { ...passwords, ...config.bgpPasswords };
    delete config.bgpPasswords;
    store = { ...store, ...config.backupCredentials };
    delete config.backupCredentials;
  });
  pulumi.runtime.setAllConfig({
    "kjerne:bgpPasswords": JSON.stringify(passwords),
    "kjerne:backupCredentials": JSON.stringify(store),
  });
  return { settings: found.settings, args: clusterArgs(found) };
}

const watch: pulumi.ResourceTransformation = ({ name, opts }) => {
  const { replacementTrigger } = opts as pulumi.CustomResourceOptions;
  if (replacementTrigger) triggers.set(name, replacementTrigger);
  return undefined;
};
