import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { SettingClass } from "../../stacks/classes";
import { pageFile, settingPaths, settingsPage } from "../../stacks/classes-page";
import { settingRows } from "../../stacks/setting-rows";
import type { Config } from "./environments";
import { changes } from "./setting-changes";
import { shownBy } from "./setting-shown-by";
import { keptBy, type Part, partsOf } from "./whole-cluster";

type Change = Parameters<typeof keptBy>[0];

const paths = settingPaths();
const isBelow = (path: string, row: string) => path === row || path.startsWith(`${row}.`) || path.startsWith(`${row}[`);

test("each setting has one class, and no class is of a setting that is not there", () => {
  const rowsOf = (path: string) => settingRows.filter(([row]) => isBelow(path, row)).map(([row]) => row);
  const wrong = paths.filter((path) => rowsOf(path).length !== 1).map((path) => [path, rowsOf(path)]);
  assert.deepEqual(wrong, [], "add a row to stacks/machine-rows.ts or stacks/cluster-rows.ts, or take one out");
  const unused = settingRows.filter(([row]) => !paths.some((path) => isBelow(path, row)));
  assert.deepEqual(unused, []);
  assert.ok(paths.length > 100, `${paths.length} settings`);
});

test("docs/settings.md is as the table gives it", () => {
  const message = "write it anew: node --import tsx stacks/classes-page.ts";
  assert.ok(readFileSync(pageFile, "utf8") === settingsPage(), message);
});

const classOf = (row: string) => settingRows.find(([path]) => path === row)?.[1] as SettingClass;
const rowsOf = (...wanted: SettingClass[]) => Object.keys(changes).filter((row) => wanted.includes(classOf(row)));

test("each setting of the table is changed by a test", () => {
  assert.deepEqual(Object.keys(changes).sort(), settingRows.map(([row]) => row).sort());
});

for (const row of rowsOf("refused")) {
  test(`another ${row} is refused in the preview, by its name, with what it was`, async () => {
    const setting = row.replace(/^(kubernetes\.endpoint)\..*/, "$1");
    await assert.rejects(keptBy(changes[row] as Change), (error: Error) => {
      assert.ok(error.message.includes(`\n  ${setting} is `), error.message);
      return /and was .*\n.*(another cluster|put it back)/i.test(error.message);
    });
  });
}

describe("a change of settings on a cluster that runs", () => {
  let running: ReadonlyMap<string, Part>;
  before(async () => {
    running = await partsOf();
  });

  /** Resources that a machine or the cluster has, by name, that are others after `rows` changed together. */
  async function changedBy(rows: readonly string[]) {
    return difference(await partsOf((config) => void rows.map((row) => changes[row]?.(config))));
  }

  function difference(after: ReadonlyMap<string, Part>) {
    const real = [...new Set([...running.keys(), ...after.keys()])].filter((key) => !/^(kjerne|pulumi):/.test(key));
    const changed = real.filter((key) => running.get(key)?.inputs !== after.get(key)?.inputs);
    const inBoth = changed.filter((key) => running.has(key) && after.has(key));
    const inOne = changed.filter((key) => running.has(key) !== after.has(key));
    const names = (keys: readonly string[]) => keys.map((key) => key.split(" ")[1] as string).sort();
    return {
      changed: names(changed),
      replaced: names(
        inBoth.filter((key) => running.get(key)?.replacementTrigger !== after.get(key)?.replacementTrigger),
      ),
      /** What comes or goes and does something on a machine when it goes. */
      undone: names(
        inOne.filter((key) => {
          const { undo, removedOnDelete } = JSON.parse((running.get(key) ?? after.get(key))?.inputs ?? "{}");
          return undo || removedOnDelete;
        }),
      ),
    };
  }

  // Together, section by section, since a whole cluster takes its time.
  const gentle = rowsOf("in place", "next start", "rolling", "new machines");
  /** By themselves, with what has an undo and comes: reflectors, not beside racks, let the mesh of nodes stand again. */
  const alone: Readonly<Record<string, string[]>> = {
    "network.calico.reflectors": ["oslo-calico-reflectors"],
    "hypervisors[].fabricBridge": [],
    "verification.everyMinutes": [
      ...["cp1-look", "cp1-verify", "cp2-look", "cp2-verify", "cp3-look", "cp3-verify"],
      ...["rented1-look", "worker1-look"],
    ],
  };
  const groupOf = (row: string) => `${row in alone ? row : row.split(/[.[]/)[0]}: ${classOf(row)}`;
  for (const group of new Set(gentle.map(groupOf))) {
    const rows = gentle.filter((row) => groupOf(row) === group);
    test(`${group}: no machine is replaced, nothing else that has an undo comes or goes`, async () => {
      const { changed, replaced, undone } = await changedBy(rows);
      assert.deepEqual([replaced, undone], [[], alone[rows[0] ?? ""] ?? []], rows.join(", "));
      for (const row of rows) assert.ok(changed.includes(shownBy[row] ?? ""), `${row}: ${changed.join(" ")}`);
      // The upgrade and kube-proxy's change of mode look whether a node is due, and find none. An emulated pool needs emulated machines, and a card the fabric, which changes more.
      const late =
        !["hypervisors[].pool.medium", "hypervisors[].fabricBridge"].some((row) => rows.includes(row)) &&
        ["next start", "new machines"].some((one) => group.endsWith(one));
      if (late)
        assert.deepEqual(
          changed.filter((name) => !/-(machine|preflight|build|upgrade|kube-proxy-mode|verification)$/.test(name)),
          [],
        );
    });
  }

  for (const row of rowsOf("replaces the machine")) {
    test(`another ${row} replaces that machine and no other`, async () => {
      const { changed, replaced, undone } = await changedBy([row]);
      const machine = shownBy[row] as string;
      assert.ok(changed.includes(machine), changed.join(" "));
      const renamed = row === "nodes[kvm].name";
      assert.deepEqual(replaced, renamed ? [] : [machine]);
      assert.deepEqual(
        undone.filter((name) => name.endsWith("-machine")),
        renamed ? ["worker1-machine", "worker7-machine"] : [],
      );
    });
  }

  test("what is a record changes nothing on machines and in the cluster", async () => {
    const { changed, replaced } = await changedBy(rowsOf("record"));
    assert.deepEqual([changed, replaced], [[], []]);
  });

  test("another name of the stack changes nothing but what storage pools say of who made them", async () => {
    const { changed, replaced, undone } = difference(await partsOf(() => {}, "bergen"));
    assert.deepEqual([changed, replaced, undone], [["hv1-pool", "hv2-pool", "hv3-pool"], [], []]);
  });

  test("nodes and hypervisors in another order change nothing", async () => {
    const reversed = (config: Config) => [config.nodes, config.hypervisors].map((list) => list.reverse());
    const { changed, replaced, undone } = difference(await partsOf(reversed));
    assert.deepEqual([changed, replaced, undone], [[], [], []]);
  });
});
