import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { credentialOutput } from "../../policies/hardening/command-secrets";
import { partsOf } from "../unit/whole-cluster";
import { asResources } from "./described";

test("a script that prints a credential, by the policies' own rule of commands, runs as a secret", async () => {
  const scripts = [...(await partsOf(() => {})).values()].filter(
    ({ type }) => type === "kjerne-drift:index:NodeScript",
  );
  const printing = scripts.filter(({ inputs }) => {
    const { script } = JSON.parse(inputs) as { script: string };
    const asCommand = {
      type: "command:remote:Command",
      name: "c",
      properties: { create: "bash", stdin: textOf(script) },
    };
    return asResources([asCommand]).some((one) => credentialOutput.appliesTo(one));
  });
  const secret = ({ inputs }: { inputs: string }) => (JSON.parse(inputs) as { secret?: boolean }).secret === true;
  assert.ok(printing.length > 0);
  assert.deepEqual(
    printing.filter((one) => !secret(one)),
    [],
  );
});
