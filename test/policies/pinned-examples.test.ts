import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { builtPack } from "../../review/packs/built-pack";
import { type ExampleStack, makeExampleStack } from "./example-stack";

const repository = join(__dirname, "../..");

let packs: readonly string[];
before(async () => {
  const built = [await builtPack(repository, "network"), await builtPack(repository, "hardening")];
  packs = built.flatMap((pack) => ["--policy-pack", pack]);
});

for (const environment of ["oslo", "lab"] as const) {
  let stack: ExampleStack;
  before(async () => (stack = await makeExampleStack(environment)));
  after(() => stack.remove());

  test(`the stack ${environment} passes the network and hardening packs without exceptions, warned about IPVS`, async () => {
    await stack.setSettings();
    const { code, output } = await stack.preview(...packs);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /\[mandatory\]|Excepted/);
    assert.match(output, /NET-08 .*mode: is ipvs.*gone in 1\.43/s);
  });
}

test("a BGP peer without a password stops the preview of the stack oslo, and the message names the peer", async () => {
  const stack = await makeExampleStack("oslo");
  try {
    await stack.setSettings((settings) => {
      settings.setIn(["config", "kjerne:network", "calico", "peers", 0, "authenticated"], false);
    });
    const { code, output } = await stack.preview(...packs);
    assert.notEqual(code, 0);
    assert.match(output, /BGPPeer oslo-calico-bgppeer-tor1, spec\.password\.secretKeyRef: .*take over a session/s);
    assert.doesNotMatch(output, /not-a-real-one|BEGIN OPENSSH/);
  } finally {
    await stack.remove();
  }
});
