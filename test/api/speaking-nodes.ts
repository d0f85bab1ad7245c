import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { goYaml } from "../../node-config/go-yaml";
import { calicoFiles } from "../../tools/supply/calico-files";
import type { ControlPlane } from "./control-plane";
import type { NodeScripts } from "./node-scripts";

/** How the session of a node with another one is made, or that it does not stand. */
export type Session = "Mesh" | "Node" | "Global" | "down";

/**
 * Nodes on which calico-node is Ready, each with a block of pods' addresses; what BIRD says there is a file of each.
 *
 * @param addresses of nodes, by name; also of others with whom they have sessions
 */
export async function speakingNodes(
  controlPlane: ControlPlane,
  scripts: NodeScripts,
  addresses: Readonly<Record<string, string>>,
) {
  const birds = await mkdtemp(join(tmpdir(), "kjerne-birds-"));
  const asked = join(birds, "asked");
  await scripts.put(
    "kubectl",
    `#!/usr/bin/env bash
if [[ $1 == exec ]]; then
  echo "$4" >>"${asked}"
  exec cat "${birds}/$4-\${*: -1}"
fi
exec ${controlPlane.binDirectory}/kubectl "$@"
`,
  );
  const kinds = parseAllDocuments(await readFile((await calicoFiles()).manifest, "utf8"), goYaml);
  for (const kind of ["blockaffinities", "bgpconfigurations"].map((one) => `${one}.crd.projectcalico.org`)) {
    await create(kinds.map((document) => document.toJS()).find((one) => one?.metadata?.name === kind));
    await controlPlane.kubectl(["wait", "--for", "condition=Established", `customresourcedefinition/${kind}`]);
  }
  const names = Object.keys(addresses);
  const blockOf = (node: string) => `10.244.${names.indexOf(node)}.0/26`;

  function create(object: object): Promise<string> {
    return controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(object));
  }

  /** No kubelet tells the cluster that these nodes live, so it gives them up after 50 s. */
  async function ready(kind: string, name: string, status: "True" | "False" = "True"): Promise<void> {
    await controlPlane.kubectl([
      ...["patch", kind, name, "--namespace", "kube-system", "--subresource", "status", "--type", "merge", "--patch"],
      JSON.stringify({
        status: { conditions: [{ type: "Ready", status, lastHeartbeatTime: new Date().toISOString() }] },
      }),
    ]);
  }

  async function make(node: string, taints: readonly object[] = []): Promise<void> {
    const annotations = { "projectcalico.org/IPv4Address": `${addresses[node]}/24` };
    await create({ apiVersion: "v1", kind: "Node", metadata: { name: node, annotations }, spec: { taints } });
    await ready("node", node);
    const pod = { name: `calico-node-${node}`, namespace: "kube-system", labels: { "k8s-app": "calico-node" } };
    const spec = {
      nodeName: node,
      containers: [{ name: "calico-node", image: "none" }],
      tolerations: [{ operator: "Exists" }],
    };
    await create({ apiVersion: "v1", kind: "Pod", metadata: pod, spec });
    await ready("pod", pod.name);
    await create({
      apiVersion: "crd.projectcalico.org/v1",
      kind: "BlockAffinity",
      metadata: { name: node },
      spec: { node, cidr: blockOf(node), state: "confirmed", deleted: "false" },
    });
    await says(node, {});
  }

  /** What BIRD of a node says: sessions of a kind with others, and the blocks to which each of its sessions leads; or nothing. */
  async function says(
    node: string,
    sessions: Readonly<Record<string, Session>> | null,
    blocks: readonly string[] = [],
  ): Promise<void> {
    const say = (what: string, text: string) =>
      writeFile(join(birds, `calico-node-${node}-${what}`), sessions ? text : "");
    const lines = Object.entries(sessions ?? {}).map(([other, kind]) => {
      const name = `${kind === "down" ? "Mesh" : kind}_${addresses[other]?.replaceAll(".", "_")}`;
      const state = kind === "down" ? "start  04:34:27    Connect" : "up     04:34:27    Established";
      return `${name} BGP      master   ${state}`;
    });
    await say("protocols", ["name     proto", "static1  Static   master up", ...lines, ""].join("\n"));
    const routes = blocks.map((one) => `${blockOf(one)}   via ${addresses[one]} on eth0 [Node * (100/0) [i]`);
    const text = ["0.0.0.0/0  via 10.20.0.1 on eth0 [kernel1 04:34:27] * (10)", ...routes, ""].join("\n");
    for (const what of ["route", ...names.map((one) => `Node_${addresses[one]?.replaceAll(".", "_")}`)])
      await say(what, text);
  }

  return {
    create,
    ready,
    make,
    says,
    blockOf,
    /** The pods whose BIRD was asked since the last call. */
    asked: async (): Promise<readonly string[]> => {
      const text = await readFile(asked, "utf8").catch(() => "");
      await rm(asked, { force: true });
      return text.trim().split("\n").filter(Boolean);
    },
    remove: () => rm(birds, { recursive: true }),
  };
}
