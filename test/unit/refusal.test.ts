import assert from "node:assert/strict";
import { test } from "node:test";
import { refuseOthers } from "../../components/cluster/fixed-facts";
import { refuseOther } from "../../components/cluster/same-cluster";
import { Refusal, refuse } from "../../components/refusal/refusal";
import { SettingsError } from "../../stacks/settings";

/** How the SDK makes the message of an error that ends a program. Its types don't have it. */
const { defaultErrorMessage }: { defaultErrorMessage(error: Error): string } = require("@pulumi/pulumi/cmd/run/error");

const refusals: Readonly<Record<string, () => void>> = {
  "wrong settings": () => {
    throw new SettingsError("stacks/Pulumi.oslo.yaml", ["name: is missing"]);
  },
  "wrong arguments": () => refuse("cluster oslo", ["name: is missing"]),
  "a cluster's name that changes": () => refuseOthers({ name: "bergen" }, { name: "oslo" }, "urn"),
  "another cluster": () => refuseOther("cp1", "one", "another", "urn"),
};

for (const [what, refused] of Object.entries(refusals)) {
  test(`Pulumi shows the message alone of what refuses ${what}, and has no stack to color`, () => {
    assert.throws(refused, (error: Error) => {
      assert.ok(Refusal.isInstance(error));
      assert.equal(defaultErrorMessage(error), error.message);
      return true;
    });
  });
}
