import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Ajv from "ajv";
import { parse } from "yaml";
import { schemaFile, settingsSchema } from "../../stacks/json-schema";

const textOf = (environment: string) =>
  readFileSync(join(__dirname, `../../stacks/Pulumi.${environment}.yaml`), "utf8");
const validate = new Ajv({ allErrors: true }).compile(JSON.parse(settingsSchema()));
const errors = (settings: unknown) => {
  validate(settings);
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
};

test("the JSON Schema for editors is as the settings' shape gives it", () => {
  const message = "write it anew: node --import tsx stacks/json-schema.ts";
  assert.ok(readFileSync(schemaFile, "utf8") === settingsSchema(), message);
});

for (const environment of ["lab", "oslo"]) {
  test(`Pulumi.${environment}.yaml names the JSON Schema, and has the shape that it describes`, () => {
    assert.match(textOf(environment), /^# yaml-language-server: \$schema=settings\.schema\.json$/m);
    assert.deepEqual(errors(parse(textOf(environment))), []);
  });
}

const oslo = () => parse(textOf("oslo"));
// biome-ignore lint/suspicious/noExplicitAny: a settings file as an operator could write it
const wrong: readonly [string, (file: any) => void, RegExp][] = [
  ["a key that nothing reads", (file) => (file.config["kjerne:network"].mut = 9000), /additional properties/],
  ["a section that nothing reads", (file) => (file.config["kjerne:netwrok"] = {}), /additional properties/],
  ["a section that is missing", (file) => delete file.config["kjerne:supply"], /'kjerne:supply'/],
  ["a list in the place of a section", (file) => (file.config["kjerne:site"] = []), /should be object/],
  ["a number that is text", (file) => (file.config["kjerne:network"].mtu = "9000"), /mtu should be integer/],
  [
    "a mode that kube-proxy does not have",
    (file) => (file.config["kjerne:kubernetes"].proxy = { mode: "x" }),
    /allowed values/,
  ],
  ["a node on a hypervisor without CPUs", (file) => delete file.config["kjerne:nodes"][0].cpus, /cpus/],
  ["a password in clear", (file) => (file.config["kjerne:bgpPasswords"] = { tor1: "x" }), /bgpPasswords/],
];
for (const [what, change, message] of wrong) {
  test(`the JSON Schema marks ${what}`, () => {
    const file = oslo();
    change(file);
    assert.match(errors(file).join("\n"), message);
  });
}

test("the JSON Schema lets pass what Pulumi and other programs write into the file", () => {
  const file = oslo();
  file.encryptionsalt = "v1:abc";
  file.config["kjerne:bgpPasswords"] = { tor1: { secure: "v1:abc" } };
  file.config["kubernetes:context"] = "oslo";
  assert.deepEqual(errors(file), []);
});
