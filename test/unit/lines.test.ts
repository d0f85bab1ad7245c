import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { test } from "node:test";
import { eachLine } from "../../components/drift/lines";

test("lines are whole wherever the stream is cut, and bytes that are not UTF-8, which the engine would not take, are replaced", async () => {
  const printed = Buffer.concat([Buffer.from("blåbær\n\nmer"), Buffer.from([0xe6, 0x0a]), Buffer.from("end")]);
  const stream = Readable.from(
    [...printed].map((byte) => Buffer.from([byte])),
    { objectMode: false },
  );
  const lines: string[] = [];
  eachLine(stream, assert.fail, (line) => lines.push(line));
  await finished(stream);
  assert.deepEqual(lines, ["blåbær", "", "mer\ufffd", "end"]);
});
