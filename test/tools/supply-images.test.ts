import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { run } from "../../tools/run";
import { withRegistry } from "../../tools/supply/registry";
import { ensureSupply, type Supply } from "../../tools/supply/supply";

let supply: Supply;
let scratch: string;
let bin: string;
let containerd: ChildProcess;

before(async () => {
  supply = await ensureSupply((line) => console.log(line));
  scratch = await mkdtemp(join(tmpdir(), "kjerne-images-test-"));
  const deb = `containerd_${supply.index.packages.containerd}_amd64.deb`;
  await run("dpkg-deb", ["--extract", join(supply.directory, "apt/pool", deb), scratch]);
  bin = join(scratch, "usr/bin");
  await writeFile(join(scratch, "config.toml"), `version = 3\nroot = "${scratch}/root"\nstate = "${scratch}/state"\n`);
  const flags = ["--config", join(scratch, "config.toml"), "--address", join(scratch, "socket"), "--log-level", "warn"];
  containerd = spawn(join(bin, "containerd"), flags, { stdio: ["ignore", "ignore", "inherit"] });
  const deadline = Date.now() + 20_000;
  while (!existsSync(join(scratch, "socket"))) {
    assert.ok(Date.now() < deadline && containerd.exitCode === null, "containerd did not open its socket within 20 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

after(async () => {
  containerd.kill();
  await once(containerd, "exit");
  await rm(scratch, { recursive: true, force: true });
});

/** Runs ctr, containerd's own client. */
const ctr = (...args: string[]) =>
  run(join(bin, "ctr"), [
    "--address",
    join(scratch, "socket"),

    "--namespace",
    "k8s.io",
    ...args,
  ]);

test("containerd pulls images by upstream names from the mirror and gets the digests in supply.json", async () => {
  await withRegistry(supply.registry, join(supply.directory, "registry"), "serve", async (address) => {
    for (const upstream of ["registry.k8s.io", "docker.io"]) {
      await mkdir(join(scratch, "hosts", upstream), { recursive: true });
      const mirror = `[host."http://${address}"]\ncapabilities = ["pull", "resolve"]\n`;
      await writeFile(join(scratch, "hosts", upstream, "hosts.toml"), mirror);
    }
    const names = Object.keys(supply.index.images).filter((name) => /pause|coredns|calico\/cni/.test(name));
    assert.equal(names.length, 3);
    for (const name of names) await ctr("images", "pull", "--hosts-dir", join(scratch, "hosts"), name);
    const pulled = (await ctr("images", "list")).split("\n").map((line) => line.split(/\s+/));
    for (const name of names)
      assert.equal(pulled.find(([reference]) => reference === name)?.[2], supply.index.images[name]);
  });
});

test("a registry that serves something else for a digest is refused by the node, and no image has the name", async () => {
  const digest = `sha256:${"1".repeat(64)}`;
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "application/vnd.oci.image.manifest.v1+json");
    response.end(JSON.stringify({ schemaVersion: 2 }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const content = `[host."http://127.0.0.1:${port}"]\ncapabilities = ["pull", "resolve"]\n`;
  const name = "registry.example.com/hello:1";
  const wanted = { images: { [name]: digest }, registries: { "/registry.example.com/hosts.toml": { content } } };
  const ctr = join(scratch, "ctr");
  await writeFile(ctr, `#!/bin/sh\nexec ${join(bin, "ctr")} --address ${join(scratch, "socket")} "$@"\n`, {
    mode: 0o755,
  });
  const script = `wanted=$(cat)\n${textOf("machine/software.sh")}\npull_images`;
  const env = { PATH: `${scratch}:${process.env.PATH}` };
  try {
    await assert.rejects(
      run("bash", ["-c", script], { env, input: JSON.stringify(wanted) }),
      /unexpected commit digest sha256:[\s\S]*image registry\.example\.com\/hello:1 is not to be had by its digest sha256:1+,/,
    );
  } finally {
    server.close();
  }
  assert.ok(!(await run(ctr, ["--namespace", "k8s.io", "images", "list"])).includes(name));
});

test("the served registry refuses a push", async () => {
  await withRegistry(supply.registry, join(supply.directory, "registry"), "serve", async (address) => {
    const answer = await fetch(`http://${address}/v2/pause/blobs/uploads/`, { method: "POST" });
    assert.equal(answer.status, 405);
  });
});
