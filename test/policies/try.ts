import { makeExampleStack } from "./example-stack";

(async () => {
  const w = await makeExampleStack(process.argv[2] as "oslo");
  try {
    await w.setSettings();
    console.time("preview");
    const r = await w.preview("--policy-pack", "policies/residency");
    console.timeEnd("preview");
    console.log(r.code, r.output.slice(r.output.indexOf("Policies:") - 300));
  } finally {
    await w.remove();
  }
})();
