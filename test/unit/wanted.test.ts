import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import type { ClusterArgs } from "../../components/cluster/cluster-args";
import { wantedOf } from "../../components/cluster/facts";
import { parseSettings } from "../../stacks/settings";

test("the verification looks for each kernel setting and module in the files of a node", () => {
  const wanted = wantedOf(exampleArgs());
  const settings = [...linesIn("sysctl.d"), ...linesIn("kjerne/sysctl-floors.d")];
  const keys = settings.map((line) => line.split(" = ")[0]);
  assert.deepEqual(wanted.sysctls.map(({ key }) => key).sort(), keys.sort());
  assert.deepEqual([...wanted.modules].sort(), linesIn("modules-load.d").sort());
});

/** Lines of the files in one directory below /etc of a recorded node, without comments. */
function linesIn(directory: string): string[] {
  const at = join(__dirname, "../golden/node-cp1/etc", directory);
  const text = readdirSync(at).map((name) => readFileSync(join(at, name), "utf8"));
  return text.flatMap((content) => content.split("\n").filter((line) => line !== "" && !line.startsWith("#")));
}

/** What the example of a production environment asks for, as far as that needs no file beside the settings. */
function exampleArgs(): ClusterArgs {
  const file = "stacks/Pulumi.oslo.yaml";
  const { config } = parse(readFileSync(join(__dirname, "../..", file), "utf8"));
  const unprefixed = Object.entries(config).map(([key, value]) => [key.replace("kjerne:", ""), value]);
  const settings = parseSettings(Object.fromEntries(unprefixed), file);
  const defaultDeny = settings.defaultDeny.map(({ namespace }) => ({ name: namespace, allow: [] }));
  return { ...settings, calico: settings.network.calico, defaultDeny } as unknown as ClusterArgs;
}
