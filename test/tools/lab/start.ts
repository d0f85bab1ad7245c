import { startLab } from "../../../tools/lab/lab";

/** Starts a lab in a process that a test can kill. */
const [name = ""] = process.argv.slice(2);
void startLab(name, () => [], console.log);
