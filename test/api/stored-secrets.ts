import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { run } from "../../tools/run";
import type { ControlPlane } from "./control-plane";
import type { EncryptingNode } from "./encrypting-node";

/** How many Secrets and ConfigMaps lie in etcd by each key, by their first bytes there. */
export async function stored(cluster: ControlPlane): Promise<Record<string, number>> {
  const [program, ...args] = cluster.etcdctl;
  const found: Record<string, number> = {};
  for (const resource of ["secrets", "configmaps"]) {
    const out = await run(program, [...args, "get", `/registry/${resource}/`, "--prefix", "--write-out", "json"]);
    for (const { value } of JSON.parse(out).kvs) {
      const name = /^k8s:enc:secretbox:v1:(\w+):/.exec(Buffer.from(value, "base64").toString("latin1"))?.[1] ?? "plain";
      found[name] = (found[name] ?? 0) + 1;
    }
  }
  return found;
}

/** Binary data, which etcdctl takes from stdin. */
export async function putRaw(cluster: ControlPlane, path: string, value: Buffer): Promise<void> {
  const [program, ...args] = cluster.etcdctl;
  const child = spawn(program, [...args, "put", path], { stdio: ["pipe", "ignore", "pipe"] });
  child.stdin.end(value);
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  assert.equal(code, 0, stderr);
}

/** Counts up in a Secret through one API server and the other; a count that gets lost would come back smaller. */
export function countOnAndOn(cp1: EncryptingNode, cp2: EncryptingNode) {
  let going = true;
  const run = async () => {
    await cp1.kubectl(["create", "secret", "generic", "counter", "--from-literal", "count=0"]);
    let count = 0;
    while (going) {
      const next = { stringData: { count: `${count + 1}` } };
      const node = count % 2 ? cp1 : cp2;
      // The API server that restarts refuses connections: that count was not written.
      const wrote = await node.kubectl(["patch", "secret", "counter", "--patch", JSON.stringify(next)]).then(
        () => true,
        (error) =>
          /refused|EOF|reset|shutting down|not ready|unable to/i.test(error.message) ? false : Promise.reject(error),
      );
      if (wrote) count += 1;
    }
    return count;
  };
  const running = run();
  return {
    stop() {
      going = false;
      return running;
    },
  };
}
