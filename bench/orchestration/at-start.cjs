// At the moment when Node.js has loaded all of a stack's program and called nothing yet, writes the processor time so far, in
// microseconds, into the file that KJERNE_BENCH_OUTPUT names. The program then makes nothing. For NODE_OPTIONS=--require.
const { writeFileSync } = require("node:fs");
const Module = require("node:module");

const load = Module._load;
Module._load = function (request, parent, isMain) {
  const loaded = load.call(this, request, parent, isMain);
  const file = /^[./]/.test(request) ? Module._resolveFilename(request, parent, isMain) : "";
  if (/\/stacks\/index\.[jt]s$/.test(file)) {
    const { user, system } = process.cpuUsage();
    writeFileSync(process.env.KJERNE_BENCH_OUTPUT, String(user + system));
    return async () => ({});
  }
  return loaded;
};
