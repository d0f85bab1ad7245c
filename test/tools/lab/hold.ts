import { once } from "node:events";
import { aloneOnLab } from "../../../tools/lab/lock";

/** Locks a lab until stdin ends. */
const [lab = ""] = process.argv.slice(2);
void aloneOnLab(lab, "make lab", async () => {
  console.log("working");
  await once(process.stdin.resume(), "end");
});
