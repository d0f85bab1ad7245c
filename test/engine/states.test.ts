import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { playedStack } from "../states/stack";

const repository = join(__dirname, "../..");
const states = join(__dirname, "../states");
/** A release, as `test/states/record.ts` kept it. */
const release = "fb3d140";

/**
 * What an `up` of this version is meant to do to resources of a cluster of that release, by step and name, such as
 * /^update (cp|worker)\d-sysctl-files$/. Nothing is ever replaced, and what is deleted runs nothing on a machine.
 */
const meant: readonly RegExp[] = [
  /^create (cluster-name|(lab|oslo)-fixed)$/,
  // The preflight compares more; machines made from now on have another image.
  /^update hv\d(-image)?$/,
  /^update (cp|worker)\d(-base)?$/,
  // Every command on a machine: scripts are told what happens, and go through a runner.
  /^update [a-z0-9-]+-(machine|preflight|network|pool|build|files|control-plane|encryption|init|join|apply)$/,
  // Each node is admitted by itself.
  /^create (cp|worker)\d-admit$/,
  /^delete (lab|oslo)-(control-plane|workers)-join-admit$/,
  // Default deny of the whole cluster, where the settings ask for it.
  /^create (lab|oslo)-default-deny(-globalnetworkpolicy-default\.kjerne-default-deny)?$/,
  // Each node closes its own services; a second session confirms that ssh still gets through.
  /^create (cp|worker)\d-base-doors$/,
  // Each machine tries the network to each other.
  /^create (lab|oslo)-network-trial$/,
  // It looks whether nodes have the versions of the settings.
  /^create (lab|oslo)-upgrade$/,
  // BGP sessions between nodes get a password.
  /^create (lab|oslo)-(bgp-mesh-1|calico-secret-kjerne-bgp-node-mesh)$/,
  /^update (lab|oslo)-calico-(bgpconfiguration-default|role-kjerne-bgp-passwords)$/,
  // Whose the namespaces of the settings are: it is asked first, and they carry a mark.
  /^create (lab|oslo)-own-namespaces$/,
  /^update (lab|oslo)-production$/,
  // They are part of what is written first: the boot is awaited, the endpoint kept, kernel settings are among the files.
  /^delete (cp|worker)\d-(ready|base-endpoint|sysctl|sysctl-files)$/,
  // The verification looks for more than that release's did.
  /^update (lab|oslo)-verification$/,
];

interface Preview {
  readonly steps: readonly {
    readonly op: string;
    readonly urn: string;
    readonly oldState?: { readonly inputs?: { readonly delete?: string } };
  }[];
  /** Number of resources by what happens to them. */
  readonly changeSummary: Readonly<Record<string, number>>;
}

for (const name of ["lab", "oslo"]) {
  describe(`stack ${name}, brought up by release ${release}`, () => {
    let directory: string;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "kjerne-states-"));
    });
    after(() => rm(directory, { recursive: true, force: true }));

    test("a preview with the same settings replaces nothing, and does nothing but what is meant", async () => {
      const pulumi = await playedStack(name, repository, directory);
      const state = join(directory, "state.json");
      await writeFile(state, gunzipSync(await readFile(join(states, release, `${name}.json.gz`))));
      await pulumi("stack", "import", "--file", state);
      const { steps, changeSummary } = JSON.parse(await pulumi("preview", "--json")) as Preview;
      const named = ({ op, urn }: Preview["steps"][number]) => `${op} ${urn.split("::").at(-1)}`;
      assert.deepEqual(
        steps
          .filter(({ op }) => op !== "same")
          .map(named)
          .filter((step) => !meant.some((one) => one.test(step))),
        [],
        "an up would do this on a running cluster; add to `meant` what is",
      );
      const undone = steps.filter(({ op, oldState }) => op === "delete" && oldState?.inputs?.delete);
      assert.deepEqual(undone.map(named), [], "these undo something on a machine of a running cluster");
      const seen = Object.values(changeSummary).reduce((sum, count) => sum + count, 0);
      assert.ok(seen > 90, `${seen} resources`);
    });
  });
}

test("every release that was recorded is previewed", async () => {
  const folders = (await readdir(states, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), [release, "settings"]);
});
