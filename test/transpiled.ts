import { join } from "node:path";
import { cacheDirectory } from "../tools/cache";

/**
 * Has Pulumi's Node.js host compile a program without checking its types, which `make check` does, and keep the result for
 * the next test: otherwise it is compiled anew for each TMPDIR.
 */
export const transpiled = {
  PULUMI_NODEJS_TRANSPILE_ONLY: "true",
  TS_NODE_CACHE_DIRECTORY: join(cacheDirectory, "ts-node"),
};
