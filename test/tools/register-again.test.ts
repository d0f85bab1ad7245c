import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const script = join(__dirname, "../../node-config/common/usr/local/sbin/kjerne-register-again");
const directory = mkdtempSync(join(tmpdir(), "kjerne-register-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string) => join(directory, name);

/** Runs the script on a node of which the API server knows what `known` says; gives what it did. */
function registerAgain(known: {
  readonly node: boolean;
  readonly address: string;
  readonly answers?: boolean;
}): string {
  const fake = (name: string, body: string) => writeFileSync(at(name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
  writeFileSync(at("did"), "");
  rmSync(at("node"), { force: true });
  if (known.node) writeFileSync(at("node"), "");
  const away = known.answers === false ? "echo 'connection refused' >&2; exit 1" : "";
  const missing = "[[ -e $0/../node ]] || { echo 'Error from server (NotFound)' >&2; exit 1; }".replaceAll(
    "$0/..",
    directory,
  );
  fake("kubectl", `${away}\n${missing}\n[[ $* != *jsonpath* ]] || printf %s '${known.address}'`);
  fake("systemctl", `echo "systemctl $*" >>${at("did")}; touch ${at("node")}`);
  fake("crictl", `if [[ $1 == ps ]]; then echo c1; else echo "crictl $*" >>${at("did")}; fi`);
  const ran = spawnSync("bash", [script], { env: { PATH: `${directory}:${process.env.PATH}` }, encoding: "utf8" });
  assert.equal(ran.status, 0, ran.stderr);
  return spawnSync("cat", [at("did")], { encoding: "utf8" }).stdout;
}

test("a Node that somebody deleted is registered, and calico-node gives it its address for BGP", () => {
  assert.equal(registerAgain({ node: false, address: "" }), "systemctl restart kubelet\ncrictl stop c1\n");
});

test("a run that was cut off after kubelet had registered the Node goes on with calico-node", () => {
  assert.equal(registerAgain({ node: true, address: "" }), "crictl stop c1\n");
});

test("a Node that is there, and an API server that is away, restart nothing", () => {
  assert.equal(registerAgain({ node: true, address: "10.20.0.41/24" }), "");
  assert.equal(registerAgain({ node: true, address: "", answers: false }), "");
});
