import assert from "node:assert/strict";
import { test } from "node:test";
import { explained, foundIn, judge, printed } from "../../tools/cis/table";

const answer = (...results: readonly (readonly [control: string, status: string])[]) =>
  JSON.stringify({
    Controls: [
      { tests: [{ results: results.map(([test_number, status]) => ({ test_number, test_desc: "Files", status })) }] },
    ],
  });

test("a control passes when it passes on each node, and one that nobody explains is told with its nodes", () => {
  const found = [
    ...foundIn("cp1", answer(["1.1.1", "PASS"], ["4.1.1", "PASS"], ["4.2.4", "WARN"])),
    ...foundIn("worker1", answer(["4.1.1", "FAIL"], ["4.2.4", "WARN"])),
  ];
  const reasons = { "4.2.4": "off by default", "1.1.1": "of no use any more" };
  const rows = judge(found, reasons);
  assert.deepEqual(
    rows.map(({ control, state, nodes }) => [control, state, nodes]),
    [
      ["1.1.1", "passed", []],
      ["4.1.1", "unexplained", ["worker1"]],
      ["4.2.4", "explained", ["cp1", "worker1"]],
    ],
  );
  assert.match(
    printed(rows, reasons),
    /UNEXPLAINED {2}4\.1\.1 .*\n.*worker1\n1 passed, 1 explained, 1 unexplained\n.*explained all the same: 1\.1\.1$/,
  );
});

test("each explanation of a control is a sentence under the control's number", () => {
  for (const [control, reason] of Object.entries(explained)) {
    assert.match(control, /^\d\.\d\.\d+$/);
    assert.match(reason, /^\S.{15,}\.$/s, control);
  }
});
