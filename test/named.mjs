import { inspect } from "node:util";

/**
 * Reporter of Node's test runner for a run of the tests that NAME matches: it prints these and none of the others. Where no
 * test matches, Node calls the run a success; here it fails, so that a misspelt name doesn't look like a passed test.
 *
 * JavaScript, because Node 20 loads reporters before it can load TypeScript.
 *
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
export default async function* named(events) {
  let matched = 0;
  for await (const { type, data } of events) {
    if (type === "test:stdout" || type === "test:stderr") yield data.message;
    if (type !== "test:pass" && type !== "test:fail") continue;
    // Node 20 reports what does not match as skipped; Node 22 and later report its file as a test that passed.
    if (data.skip === "test name does not match pattern") continue;
    if (type === "test:pass" && data.name.endsWith(".test.ts")) continue;
    matched++;
    const seconds = (data.details.duration_ms / 1000).toFixed(1);
    yield `${"  ".repeat(data.nesting)}${type === "test:pass" ? "✔" : "✖"} ${data.name} (${seconds} s)\n`;
    if (data.details.error) yield `${inspect(data.details.error.cause ?? data.details.error)}\n`;
  }
  if (matched > 0) return;
  process.exitCode = 1;
  yield `No test has a name that matches '${process.env.NAME}', a regular expression; grep -rn 'test(' test/ shows names\n`;
}
