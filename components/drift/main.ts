import { provider } from "@pulumi/pulumi";
import { pythonOf } from "../machine/runner";
import { overSsh } from "../verify/ssh";
import { driftProvider } from "./provider";

// What a provider prints on stderr, the engine shows.
provider.main(driftProvider(overSsh, pythonOf("write-files.py"), console.error), process.argv.slice(2));
