import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { randomPassword } from "../../tools/engine/random/password";
import { isObject, type Properties } from "../../tools/engine-values";
import { makeWorkspace, type Workspace } from "./workspace";

/** A resource as `pulumi stack export --show-secrets` gives it. */
interface Resource {
  readonly urn: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

/** What an official provider made of a program: `official-states/`. */
interface Recorded {
  readonly input: unknown;
  readonly resources: Readonly<Record<string, Pick<Resource, "inputs" | "outputs">>>;
}

/** A deployment in which the resources have other inputs and outputs, by their names. */
type Change = (resource: Resource, name: string) => Pick<Resource, "inputs" | "outputs"> | undefined;

for (const provider of ["command", "random"] as const) {
  const program = { command: "commands", random: "random" }[provider];

  describe(`states of the ${provider} provider`, () => {
    let workspace: Workspace;
    let official: Recorded;
    before(async () => {
      official = JSON.parse(await readFile(join(__dirname, `official-states/${program}.json`), "utf8"));
      workspace = await makeWorkspace(`${program}.ts`);
      await workspace.setInput(official.input);
      const { code, output } = await workspace.up();
      assert.equal(code, 0, output);
    });
    after(() => workspace?.remove());

    test("a resource that is made has the inputs and outputs that the official provider keeps", async () => {
      const made = Object.fromEntries((await resources(workspace)).map((resource) => [nameOf(resource), resource]));
      for (const [name, { inputs, outputs }] of Object.entries(official.resources)) {
        assert.deepEqual(made[name]?.inputs, inputs, name);
        assert.deepEqual(comparable(made[name]?.outputs ?? {}), comparable(outputs), name);
      }
    });

    test("a state that the official provider made shows no change", async () => {
      await replaceState(workspace, (_, name) => official.resources[name]);
      await expectNoChange(workspace);
    });

    test("a state that a stand-in of an older release made shows no change", async (t) => {
      if (provider === "command") {
        const reason = "takes connections without marks of secrets for changed ones, once";
        if (workspace.skipIfOfficial(t, "command provider", reason)) return;
      }
      await replaceState(workspace, ({ inputs, outputs }) =>
        provider === "random"
          ? { inputs: { ...randomPassword.defaults, number: undefined, ...inputs }, outputs }
          : { inputs: withoutInnerMarks(inputs), outputs: withoutInnerMarks(outputs) },
      );
      await expectNoChange(workspace);
    });
  });
}

const nameOf = ({ urn }: Resource) => String(urn.split("::").at(-1));

async function resources(workspace: Workspace): Promise<Resource[]> {
  return JSON.parse((await workspace.pulumi("stack", "export", "--show-secrets")).output).deployment.resources;
}

async function replaceState(workspace: Workspace, change: Change): Promise<void> {
  const state = JSON.parse((await workspace.pulumi("stack", "export", "--show-secrets")).output);
  state.deployment.resources = state.deployment.resources.map((resource: Resource & { type: string }) =>
    resource.type.startsWith("pulumi:") ? resource : { ...resource, ...change(resource, nameOf(resource)) },
  );
  const file = join(workspace.directory, "state.json");
  await writeFile(file, JSON.stringify(state), { mode: 0o600 });
  const { code, output } = await workspace.pulumi("stack", "import", "--file", file);
  assert.equal(code, 0, output);
}

async function expectNoChange(workspace: Workspace): Promise<void> {
  const { code, output } = await workspace.pulumi("preview", "--diff", "--expect-no-changes");
  assert.equal(code, 0, output);
}

/** Without what differs from run to run, and what serves the bridge to Terraform alone. */
function comparable(outputs: Properties): Properties {
  const { id, result, bcryptHash, __meta, __pulumi_raw_state_delta, ...others } = outputs;
  return others;
}

/** Older stand-ins marked the connection as a secret, but none of the secrets in it. */
function withoutInnerMarks(properties: Properties): Properties {
  const { connection, ...others } = properties;
  if (!isObject(connection)) return properties;
  const text = JSON.stringify(JSON.parse(String(connection.plaintext)), (_, value) =>
    isObject(value) && typeof value.plaintext === "string" ? JSON.parse(value.plaintext) : value,
  );
  return { ...others, connection: { ...connection, plaintext: text } };
}
