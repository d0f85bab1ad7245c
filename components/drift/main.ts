// Not the whole SDK, which takes a second to read: the engine starts this for each preview.
import { main } from "@pulumi/pulumi/provider";
import { pythonOf } from "../machine/program-text";
import { overSsh } from "../verify/ssh";
import { driftProvider } from "./provider";

// What a provider prints on stderr, the engine shows.
main(driftProvider(overSsh, pythonOf("write-files.py"), console.error), process.argv.slice(2));
