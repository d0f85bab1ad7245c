import * as pulumi from "@pulumi/pulumi";
import { type ClusterFacts, renderJoin, renderUploadCertificates } from "../../node-config/kubeadm";
import { NodeScript } from "../machine/node-script";
import { factsOf } from "../node/cluster-node";
import { tokenOf } from "./join";
import type { PreparedNode } from "./node-base";

export interface FirstControlPlaneArgs {
  readonly facts: ClusterFacts;
  readonly first: PreparedNode;
  readonly others: readonly PreparedNode[];
  /** With which control planes get the cluster's certificates, 64 hexadecimal digits, a secret; none where it is alone. */
  readonly certificateKey: pulumi.Input<string> | undefined;
  /** Digest of everything on the first that comes before kubeadm; another one runs the script again. */
  readonly after: pulumi.Input<string>;
}

/** What `init.sh` prints on the first control plane. */
export interface Initialised {
  readonly kubeconfig: string;
  readonly caHash: string;
}

/**
 * The control plane whose name sorts first: it starts the cluster. Where the others have the cluster already, since its
 * machine was made anew or its name is a new one, it joins them: before, the first of them that has it makes a token, removes
 * the member of etcd that the other one was, and prints which CA it has to pin (`<other>-invites`). A run that was cut off
 * between the two begins with the token again, because the cluster says that this node is missing.
 */
export function startOrJoin(
  { facts, first, others, certificateKey, after }: FirstControlPlaneArgs,
  opts: { readonly parent: pulumi.Resource; readonly dependsOn: pulumi.Resource[] },
): pulumi.Output<Initialised> {
  const { parent } = opts;
  const { name, address, connection, instanceId: instance } = first.node;
  const { missing = pulumi.output("") } = first;
  const init = new NodeScript(
    `${name}-init`,
    {
      connection,
      script: "kubeadm/init.sh",
      stdin: certificateKey ? startingOrJoining(certificateKey) : JSON.stringify(starting()),
      after: [after, first.base.digest, missing],
      secret: true,
    },
    opts,
  );
  return init.stdout.apply((text) => JSON.parse(text) as Initialised);

  function starting() {
    return { name, address, others: Object.fromEntries(others.map(({ node }) => [node.name, node.address])) };
  }

  function startingOrJoining(key: pulumi.Input<string>): pulumi.Output<string> {
    const token = tokenOf(first.node, parent);
    let invited = pulumi.output("");
    for (const other of others) invited = invite(other, { key, token, caHash: invited });
    const join = pulumi
      .all([invited, token, key])
      .apply(([caHash, token, certificateKey]) =>
        caHash ? renderJoin(facts, factsOf(first.node), { token, caHash, certificateKey }) : "",
      );
    return pulumi.secret(join.apply((join) => JSON.stringify({ ...starting(), join })));
  }

  /** `caHash` is what one before has printed, and then this one has nothing to do. */
  function invite(
    { node, base }: PreparedNode,
    { key, token, caHash }: Readonly<Record<"key" | "token" | "caHash", pulumi.Input<string>>>,
  ): pulumi.Output<string> {
    const certificates = pulumi.output(key).apply((key) => renderUploadCertificates(facts, factsOf(node), key));
    const { stdout } = new NodeScript(
      `${node.name}-invites`,
      {
        connection: node.connection,
        script: "kubeadm/invite.sh",
        stdin: pulumi.secret(pulumi.jsonStringify({ name, address, instance, token, certificates, caHash })),
        after: [missing],
      },
      { parent, dependsOn: base, deletedWith: node.machine },
    );
    return stdout.apply((text) => text.trim());
  }
}
