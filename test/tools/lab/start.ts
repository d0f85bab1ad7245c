import { startLab } from "../../../tools/lab/lab";

/** A start that a test can kill. */
const [name = ""] = process.argv.slice(2);
void startLab(name, () => [], console.log);
