import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { delimiter, dirname } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { cutInTurn, cutting, trap } from "../tools/power-cut";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type NodeScripts, nodeScripts } from "./node-scripts";

// The scripts run on cp2, whose cluster cp1 had begun before its machine was made anew.
const asked = { name: "cp1", address: "127.0.0.9", instance: "1-fresh", token: "abcdef.0123456789abcdef" };
let controlPlane: ControlPlane;
let scripts: NodeScripts;
let files: { trap: string; log: string; certificate: string };
before(async () => {
  controlPlane = await startControlPlane();
  scripts = await nodeScripts(controlPlane);
  files = {
    trap: await scripts.put("trap", trap),
    log: await scripts.put("log", ""),
    certificate: await scripts.put("ca.crt", ""),
  };
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=ca"];
  await run("openssl", [...made, "-keyout", "/dev/null", "-out", files.certificate]);
});
after(async () => {
  await controlPlane.stop();
  await scripts.remove();
});
beforeEach(lost);

/** Words before a script, which then finds the CA of its machine, and whether that is in a cluster. */
function onMachine(hasCluster: boolean): string[] {
  const inside = `
    mount -t tmpfs none /var/lib; mkdir /var/lib/kjerne /var/lib/etc /var/lib/work
    ${hasCluster ? "touch /var/lib/kjerne/joined" : ""}
    mkdir -p /var/lib/etc/kubernetes/pki; cp "$0" /var/lib/etc/kubernetes/pki/ca.crt
    mount -t overlay overlay -o lowerdir=/etc,upperdir=/var/lib/etc,workdir=/var/lib/work /etc
    exec "$@"`;
  return ["unshare", "--mount", "bash", "-euc", inside, files.certificate];
}
const invite = (more: readonly string[] = [], hasCluster = true, caHash = "") => {
  const stdin = { ...asked, certificates: "", caHash };
  return scripts.run("kubeadm/invite.sh", "create", stdin, [...onMachine(hasCluster), ...more]);
};
const get = async (...args: string[]) => JSON.parse(await controlPlane.kubectl(["get", ...args, "--output", "json"]));

async function members(): Promise<(string | undefined)[]> {
  const [program, ...args] = controlPlane.etcdctl;
  const rows = (await run(program, [...args, "member", "list"])).trim().split("\n");
  return rows.map((row) => row.split(", ")[2]).sort();
}

/** Nodes with their machines, who may have a certificate, and tokens with when they end. */
async function seen(): Promise<string> {
  const inSystem = ["--namespace", "kube-system"];
  const { items } = await get("nodes");
  const { items: secrets } = await get("secrets", ...inSystem);
  return JSON.stringify([
    items.map(({ metadata: { name, annotations } }: Named) => [name, annotations?.["kjerne.io/instance"]]),
    (await get("configmap", "kjerne-nodes", ...inSystem)).data,
    secrets
      .filter(({ type }: Named) => type === "bootstrap.kubernetes.io/token")
      .map((one: Named) => one.metadata.name),
    await members(),
  ]);
}
interface Named {
  readonly type: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}
const letIn = JSON.stringify([[], { cp1: "127.0.0.9" }, ["bootstrap-token-abcdef"], ["default"]]);

/** cp1 as it was when its machine was lost: a Node, a name that may have certificates, and a member of etcd. */
async function lost(): Promise<void> {
  const inSystem = ["--namespace", "kube-system"];
  await controlPlane.kubectl(["delete", "node", "cp1", "--ignore-not-found"]);
  await controlPlane.kubectl(["delete", "configmap", "kjerne-nodes", "--ignore-not-found", ...inSystem]);
  await controlPlane.kubectl(["delete", "secret", "bootstrap-token-abcdef", "--ignore-not-found", ...inSystem]);
  const metadata = { name: "cp1", annotations: { "kjerne.io/instance": "1-lost" } };
  const objects = [
    { apiVersion: "v1", kind: "Node", metadata },
    {
      ...{ apiVersion: "v1", kind: "ConfigMap", data: { cp1: "127.0.0.9" } },
      metadata: { name: "kjerne-nodes", namespace: "kube-system" },
    },
  ];
  for (const object of objects)
    await controlPlane.kubectl(
      ["apply", "--server-side", "--field-manager", "kjerne-cp1", "--filename", "-"],
      JSON.stringify(object),
    );
  if (!(await members()).includes("cp1")) {
    await controlPlane.addMember("cp1");
    await untilSucceeds("cp1 in etcd", 30, async () => assert.ok((await members()).includes("cp1")));
  }
  await writeFile(files.log, "");
}

test("a first control plane that was made anew is let in: no Node and no member of etcd is left, and it gets a token", async () => {
  const pinned = await run("sh", [
    "-c",
    `openssl x509 -in ${files.certificate} -noout -pubkey |
    openssl pkey -pubin -outform DER | sha256sum`,
  ]);
  assert.equal((await invite()).trim(), `sha256:${pinned.split(" ")[0]}`);
  assert.equal(await seen(), letIn);
});

test("invite.sh that is killed before any of its calls lets the same machine in when it runs again", async () => {
  const calls = "kubectl *|until_answered *|declare *|any_etcdctl *|token_secret*";
  const cuts = await cutInTurn({
    reset: lost,
    run: (cut) => invite(cut ? cutting(files.trap, files.log, calls) : []),
    log: () => readFile(files.log, "utf8"),
    seen,
  });
  assert.ok(cuts > 4, String(cuts));
});

test("where the other control plane has no cluster, it says nothing and changes nothing", async () => {
  const before = await seen();
  assert.equal(await invite([], false), "");
  assert.equal(await seen(), before);
});

test("where another control plane has let it in before, this one changes nothing and says the same", async () => {
  const before = await seen();
  assert.equal(await invite([], true, "sha256:ab"), "sha256:ab\n");
  assert.equal(await seen(), before);
});

test("a first control plane that is in the cluster stays as it is, and gets no token", async () => {
  await controlPlane.kubectl(["annotate", "node", "cp1", "--overwrite", "kjerne.io/instance=1-fresh"]);
  const before = await seen();
  assert.match(await invite(), /^sha256:/);
  assert.equal(await seen(), before);
});

test("one that serves an API keeps its Node and its member of etcd, whatever machine the Node is of", async () => {
  const server = createServer().listen(6443, "127.0.0.9");
  try {
    await invite();
    assert.deepEqual((await get("nodes")).items.length, 1);
    assert.deepEqual(await members(), ["cp1", "default"]);
  } finally {
    server.close();
  }
});

test("a cluster that does not answer is told, and nobody is let in or sent away to start a second one", async () => {
  const hurry = await scripts.put("hurry", "sleep() { ((SECONDS += 200)); }\nkubectl() { return 1; }");
  const told =
    /is in a cluster whose API does not answer by kubernetes\.endpoint, so cp1 can't join it\. Nothing was changed/;
  await assert.rejects(invite(["env", "SHLVL=1", `BASH_ENV=${hurry}`]), told);
  assert.deepEqual(await members(), ["cp1", "default"]);
});

/** Lets cp1 go, as cp2 does, with a program before those of the machine. */
async function dismiss(text: string, more: readonly string[] = []): Promise<string> {
  const file = await scripts.put("kubectl", `#!/usr/bin/env bash\n${text}\n`);
  const PATH = [dirname(file), controlPlane.binDirectory, process.env.PATH].join(delimiter);
  const node = { ...asked, instance: "1-lost", through: "cp2", certificates: "", labels: {}, taints: [] };
  try {
    return await scripts.run("kubeadm/admit.sh", "delete", node, ["env", `PATH=${PATH}`, ...more]);
  } finally {
    await rm(file);
  }
}
const kubectl = () => `exec ${controlPlane.binDirectory}/kubectl "$@"`;

test("a control plane stays when another one leaves at the same moment, which yet another machine lets go", async () => {
  const note = "--namespace kube-system annotate configmap kjerne-nodes kjerne.io/control-plane-that-left";
  const meanwhile = `if [[ $* == *annotate*=cp1* ]]; then ${controlPlane.binDirectory}/kubectl ${note}=cp3 || true; fi`;
  await assert.rejects(
    dismiss(`${meanwhile}\n${kubectl()}`),
    /control plane cp3 has left in this run, and cp1 stays in the cluster until another one/,
  );
  assert.deepEqual(await members(), ["cp1", "default"]);
});

test("a control plane that has left etcd itself lets another one go, by the etcd in a pod of a third", async () => {
  const inPod = `case "$*" in
  *"get pods --selector component=etcd"*) printf 'pod/etcd-%s\\n' cp2 cp3 ;;
  *"exec pod/etcd-cp2"*) exit 1 ;; # as if this one had left a moment ago
  *"exec pod/etcd-cp3"*) while [[ $1 != member ]]; do shift; done; exec ${controlPlane.etcdctl.join(" ")} "$@" ;;
  *) ${kubectl()} ;;
esac`;
  const none = await scripts.put("no-etcd", "crictl() { return 1; }");
  assert.match(await dismiss(inPod, ["SHLVL=1", `BASH_ENV=${none}`]), /cp1 has left/);
  assert.deepEqual([await members(), (await get("nodes")).items], [["default"], []]);
});
