import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { before, test } from "node:test";
import { at, calls, cp1, cp1Joining, fresh, init, joining, put, script } from "./played-kubeadm";
import { cutEverywhere, cutting, trap } from "./power-cut";

before(() => put("trap", trap));

const changing = ["kubeadm", "kubectl", "kjerne-", "systemctl", "touch", "mkdir", "chmod", "mv", "rm"].map(
  (one) => `${one}*`,
);

/** Files with their modes, units that are enabled, and what the API server was told last. */
const seen = async () =>
  ["etc", "var", "enabled"]
    .flatMap((top) => readdirSync(at(top), { recursive: true, encoding: "utf8" }).map((path) => `${top}/${path}`))
    .sort()
    .map((path) => `${path} ${statSync(at(path)).mode.toString(8)}`)
    .concat(readFileSync(at("enabled/declared"), { encoding: "utf8", flag: "a+" }))
    .join("\n");

const cut = (name: "init" | "join", stdin: string) =>
  cutEverywhere({
    reset: async () => {
      await fresh();
      put("cut-log");
    },
    run: (cut, nth) =>
      script(name, stdin, undefined, cut ? cutting(at("trap"), at("cut-log"), changing.join("|"), nth) : []),
    log: async () => readFileSync(at("cut-log"), "utf8"),
    seen,
  });

test("init.sh that is killed before any of its changes starts the same cluster when it runs again", async () => {
  assert.ok((await cut("init", cp1)) > 12);
});

test("init.sh that is killed before any of its changes joins the cluster of the others when it runs again", async () => {
  assert.ok((await cut("init", cp1Joining())) > 12);
});

for (const kind of ["controlPlane", "worker"] as const) {
  test(`join.sh (${kind}) that is killed before any of its changes joins the same node when it runs again`, async () => {
    assert.ok((await cut("join", joining(kind))) > 5);
  });
}

test("an API that does not answer by the endpoint is told with who gives it its address, and the next run goes on", async () => {
  put("no-answer");
  put("hurry", "sleep() { ((SECONDS += 200)); }");
  await assert.rejects(
    script("init", cp1, undefined, ["env", "SHLVL=1", `BASH_ENV=${at("hurry")}`]),
    /the API server runs here, and does not answer by kubernetes\.endpoint: who has its address\? \(journalctl/,
  );
  assert.ok(calls.some((call) => call.startsWith("kubeadm init")));
  rmSync(at("no-answer"));
  await init();
  assert.ok(!calls.some((call) => /^kubeadm (init|reset)/.test(call)), "a cluster that runs is not begun again");
});
