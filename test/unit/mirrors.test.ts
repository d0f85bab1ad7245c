import assert from "node:assert/strict";
import { test } from "node:test";
import { registryFiles } from "../../node-config/node-files";

const ca = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
const filesOf = (mirror: string, authorities?: string) =>
  registryFiles("", [{ registry: "docker.io", mirror }], authorities);
const hosts = (mirror: string, authorities?: string) => filesOf(mirror, authorities)["/docker.io/hosts.toml"]?.content;

test("a mirror below a path is the API's root as it is, for the mirror and for what containerd falls back to", () => {
  assert.equal(
    hosts("https://mirror.eksempel.no/v2/cache"),
    [
      'server = "https://mirror.eksempel.no/v2/cache"',
      "override_path = true",
      '[host."https://mirror.eksempel.no/v2/cache"]',
      'capabilities = ["pull", "resolve"]',
      "override_path = true",
      "",
    ].join("\n"),
  );
  assert.doesNotMatch(
    hosts("https://mirror.eksempel.no/cache") ?? "",
    /override_path/,
    "containerd puts /v2 behind it",
  );
});

test("a company's own authority lies beside the hosts.toml of each mirror that is asked by HTTPS", () => {
  const files = filesOf("https://mirror.eksempel.no:5000", ca);
  assert.equal(files["/docker.io/ca.crt"]?.content, `${ca}\n`);
  assert.equal(files["/docker.io/hosts.toml"]?.content.match(/^ca = "ca\.crt"$/gm)?.length, 2);
  assert.deepEqual(Object.keys(filesOf("http://mirror.eksempel.no:5000", ca)), ["/docker.io/hosts.toml"]);
});
