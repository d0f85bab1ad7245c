import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { versions } from "../../node-config/versions";
import type { GoModule } from "../../tools/supply/go-module";
import { fillRegistry } from "../../tools/supply/image";
import * as modules from "../../tools/supply/recipes/modules";

/** Version of a Go module in the go.mod of a recipe. */
function pinned(recipe: GoModule, path: string): string | undefined {
  const text = readFileSync(join(__dirname, "../../tools/supply/modules", recipe.name, "go.mod"), "utf8");
  const line = text.split("\n").find((candidate) =>
    candidate
      .replace(/^require /, "")
      .trim()
      .startsWith(`${path} `),
  );
  return line
    ?.replace(/^require /, "")
    .trim()
    .split(" ")[1];
}

for (const [version, release] of Object.entries(versions.kubernetes)) {
  test(`the go.mod files for Kubernetes ${version} have the versions of versions.yaml`, () => {
    assert.equal(pinned(modules.kubernetes(version), "k8s.io/kubernetes"), `v${version}`);
    assert.equal(pinned(modules.etcd(release.etcd), "go.etcd.io/etcd/server/v3"), `v${release.etcd}`);
    assert.ok(release.etcdImage.startsWith(`${release.etcd}-`), `image ${release.etcdImage} of etcd ${release.etcd}`);
    assert.equal(pinned(modules.coredns(release.coredns), "github.com/coredns/coredns"), `v${release.coredns}`);
  });
}

test("the go.mod files of containerd and cri-tools have the declared versions", () => {
  assert.equal(pinned(modules.containerd, "github.com/containerd/containerd/v2"), `v${versions.containerd}`);
  assert.equal(pinned(modules.criTools, "sigs.k8s.io/cri-tools"), `v${modules.added.criTools}`);
});

test("a Kubernetes release without a recipe is refused, and the error lists those with one", () => {
  assert.throws(
    () => modules.releaseOf("1.30.0"),
    /no recipe for Kubernetes 1\.30\.0; versions\.yaml has 1\.36\.3, 1\.35\.4/,
  );
});

test("images of two upstream registries with the same repository name are refused", async () => {
  const image = (name: string) => ({ name, digest: "sha256:0", layout: "/nowhere" });
  const tools = { crane: "/nowhere", registry: "/nowhere" };
  const images = [image("registry.k8s.io/pause:3"), image("docker.io/pause:4")];
  await assert.rejects(
    fillRegistry(images, tools, () => {}),
    /pause comes from registry\.k8s\.io and docker\.io/,
  );
});
