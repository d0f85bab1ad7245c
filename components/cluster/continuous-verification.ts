import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { FileSet } from "../../node-config/file-set";
import { commandsAfterWriting } from "../../node-config/restarts";
import { type SshKey, sshKeyOf } from "../../node-config/ssh-key";
import { lookFiles, verifierFiles } from "../../node-config/verification";
import { type FileSets, NodeFiles } from "../machine/node-files";
import type { NodeMachine } from "../node/cluster-node";
import type { Wanted } from "../verify/wanted";
import { onNodeProgram } from "../watch/on-node-program";
import { hasPrograms } from "./has-programs";

export interface ContinuousVerificationArgs {
  readonly wanted: Wanted;
  /** From one verification to the next. */
  readonly everyMinutes: number;
  /** Every node of `wanted`, and the port of its sshd in the nodes' network. */
  readonly nodes: readonly { readonly node: NodeMachine; readonly port: number }[];
  readonly controlPlanes: readonly NodeMachine[];
}

/**
 * The verification, again and again, by a timer on control planes: the first that is Ready runs it and writes metrics for
 * Prometheus' node exporter. Each node has a login for it, which control planes alone reach, with a key that can do nothing
 * but have it print what the node is. No machine is touched beyond these files.
 */
export class ContinuousVerification extends pulumi.ComponentResource {
  /** What was written on each node, by its name, for `MachineState`. */
  readonly sets: Readonly<Record<string, FileSets>>;

  constructor(name: string, args: ContinuousVerificationArgs, opts?: pulumi.ComponentResourceOptions) {
    const { wanted, everyMinutes, nodes, controlPlanes } = args;
    super("kjerne:cluster:ContinuousVerification", name, { everyMinutes, wanted }, opts);
    const parent = this;

    const key = makeKey();
    const looked = nodes.map(({ node }) => letLook(node));
    const verifying = controlPlanes.map(letVerify);

    const written = [...looked, ...verifying];
    const of = (node: string) => written.filter((one) => one.node === node).map(({ files }) => files.sets);
    this.sets = Object.fromEntries(nodes.map(({ node: { name } }) => [name, Object.assign({}, ...of(name))]));
    this.registerOutputs();

    /** Not RandomBytes: its id, which is no secret, is its value. */
    function makeKey(): pulumi.Output<SshKey> {
      const { result } = new random.RandomPassword(`${name}-key`, { length: 32 }, { parent });
      return result.apply((text) => sshKeyOf(createHash("sha256").update(text).digest()));
    }

    function letLook(node: NodeMachine): Written {
      const addresses = controlPlanes.map(({ address }) => address);
      const files = pulumi.unsecret(key.apply(({ publicKey }) => lookFiles(publicKey, addresses)));
      return write(node, "look", files, lookFiles("", addresses), []);
    }

    function letVerify(node: NodeMachine): Written {
      const facts = { self: node.name, wanted, everyMinutes, stack: pulumi.getStack(), program: onNodeProgram() };
      const files = pulumi
        .all([key, nodes.map(reached)])
        .apply(([{ privateKey }, nodes]) => verifierFiles({ ...facts, nodes, privateKey }));
      const before = looked.map(({ files }) => files);
      return write(
        node,
        "verify",
        pulumi.secret(files),
        verifierFiles({ ...facts, nodes: [], privateKey: "" }),
        before,
      );
    }

    function write(
      { name: node, connection, machine }: NodeMachine,
      set: "look" | "verify",
      files: pulumi.Output<FileSet>,
      paths: FileSet,
      dependsOn: readonly pulumi.Resource[],
    ): Written {
      const args = {
        ...{ connection, files, onChange: commandsAfterWriting(paths), removedOnDelete: true },
        before: set === "verify" ? hasPrograms(needed) : { script: "machine/free-login.sh" },
      };
      const options = { parent, deletedWith: machine, dependsOn: [...dependsOn] };
      return { node, files: new NodeFiles(`${node}-${set}`, args, options) };
    }
  }
}

const needed = {
  programs: ["node"],
  for: "everyMinutes of verification",
  otherwise: "take everyMinutes out",
};

interface Written {
  readonly node: string;
  readonly files: NodeFiles;
}

/** How control planes reach a node: by its own address, whatever way the machine that deploys takes. */
function reached({ node, port }: ContinuousVerificationArgs["nodes"][number]) {
  const { name, address, connection } = node;
  return pulumi.output(connection).apply(({ hostKey = "" }) => ({ name, address, port, hostKey }));
}
