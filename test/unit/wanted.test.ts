import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { wantedOf } from "../../components/cluster/wanted";
import { withDefaults } from "../../components/cluster/with-defaults";
import { admissionRules } from "../../components/security/admission-policies";
import { clusterArgs } from "../../stacks/cluster-args";
import { read } from "./environments";

const oslo = async () =>
  clusterArgs(
    await read("oslo", ({ network }) => {
      for (const peer of network.calico.peers) peer.authenticated = false;
    }),
  );

test("the verification looks for each kernel setting and module in the files of a node", async () => {
  const wanted = wantedOf(withDefaults(await oslo()));
  const settings = [...linesIn("sysctl.d"), ...linesIn("kjerne/sysctl-floors.d")];
  const keys = settings.map((line) => line.split(" = ")[0]);
  assert.deepEqual(wanted.sysctls.map(({ key }) => key).sort(), keys.sort());
  assert.deepEqual([...wanted.modules].sort(), linesIn("modules-load.d").sort());
});

test("the verification asks for the policies by which the API server judges, as the settings have them judge", async () => {
  const args = await oslo();
  const wanted = (admission: typeof args.admission) => wantedOf(withDefaults({ ...args, admission })).admission;
  assert.deepEqual(wanted(undefined), undefined);
  const { policies = [], action } = wanted({ action: "warn" }) ?? {};
  assert.deepEqual(
    [policies.includes("kjerne-net-01"), policies.length, action],
    [true, admissionRules.length, "warn"],
  );
});

/** Lines of the files in one directory below /etc of a recorded node, without comments. */
function linesIn(directory: string): string[] {
  const at = join(__dirname, "../golden/node-cp1/etc", directory);
  const text = readdirSync(at).map((name) => readFileSync(join(at, name), "utf8"));
  return text.flatMap((content) => content.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
}
