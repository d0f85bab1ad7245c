import assert from "node:assert/strict";
import { test } from "node:test";
import { backupFresh } from "../../components/verify/backup-check";
import type { BackupStatus } from "../../components/verify/etcd-readings";
import { observedNode } from "../../components/verify/observed-node";

const now = Date.parse("2026-11-27T12:00:00Z") / 1000;
const fresh: BackupStatus = {
  asked: "2026-11-27T11:56:00+00:00",
  newest: { name: "oslo.20261127T113000Z.cp1.tar.age", time: "2026-11-27T11:30:00+00:00" },
  ahead: [],
  problem: null,
};

/** What is said where control planes have kept these answers, as their files hold them. */
function judged(statuses: readonly (Partial<BackupStatus> | undefined)[], drill?: object) {
  const readings = statuses.map((status, at) => {
    const kept: Readonly<Record<string, object | undefined>> = { backup: status && { ...fresh, ...status }, drill };
    const answer = (name: string) => {
      const found = kept[name];
      const absent = { status: 1, stdout: "", stderr: "No such file" };
      return found ? { status: 0, stdout: JSON.stringify(found), stderr: "" } : absent;
    };
    const { backup, drill: shown } = observedNode(answer);
    return { node: `cp${at + 1}`, backup, drill: shown };
  });
  const { passed, found } = backupFresh(60, readings, now);
  return [passed, found];
}

test("a backup that is younger than two periods is fresh, with the last drill beside it", () => {
  assert.deepEqual(judged([{}, {}]), [true, "2026-11-27T11:30:00+00:00, 30 min ago; no drill yet"]);
  const [, found] = judged([{ newest: null }, {}], { backup: "x", at: "2026-11-20T09:00:00+00:00" });
  assert.equal(found, "2026-11-27T11:30:00+00:00, 30 min ago; last drill 2026-11-20T09:00:00+00:00");
});

const late = { name: "oslo.20261127T095900Z.cp1.tar.age", time: "2026-11-27T09:59:00+00:00" };
const wrong: readonly [what: string, statuses: Parameters<typeof judged>[0], found: string][] = [
  ["no backup", [{ newest: null }], "there is none"],
  ["the newest is two periods old", [{ newest: late }], "oslo.20261127T095900Z.cp1.tar.age, 121 min ago"],
  ["one control plane can't take any", [{}, { problem: "rclone lsf failed" }], "cp2: rclone lsf failed"],
  ["nobody asks any more", [{ asked: "2026-11-27T09:00:00+00:00" }], "cp1 was last asked 180 min ago"],
  ["a clock was ahead", [{ ahead: ["x"] }], "cp1: x was named by a clock in the future; remove it"],
  ["a control plane kept no answer", [{}, undefined], "cp2: unreadable: No such file"],
];
for (const [what, statuses, found] of wrong)
  test(`${what}: the check fails and says so`, () => assert.deepEqual(judged(statuses), [false, found]));
