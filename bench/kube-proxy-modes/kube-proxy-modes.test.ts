import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { file, merge } from "../../node-config/file-set";
import type { ProxyMode } from "../../node-config/versions";
import { type ControlPlane, startControlPlane } from "../../test/api/control-plane";
import { ensureSupply } from "../../tools/supply/supply";
import { runInGuest } from "../guest/guest";
import { guestImage } from "../guest/image";
import { kubeconfigInGuest, proxyConfigurationFor } from "../services/kube-proxy";
import { node } from "../services/objects";
import { origins, services } from "./services";

/** A node's kernel takes them in this order: there from IPVS, and back. */
const modes: readonly ProxyMode[] = ["ipvs", "nftables", "iptables", "ipvs"];
const say = (line: string) => console.log(line);

interface Answer {
  readonly mode: ProxyMode;
  readonly from: string;
  readonly service: string;
  readonly answers: readonly string[];
}
interface Left {
  readonly before: ProxyMode;
  readonly left: Readonly<Record<ProxyMode, boolean>>;
}

describe("kube-proxy in each of its modes, one after the other in one kernel", { concurrency: false }, () => {
  let controlPlane: ControlPlane;
  let directory: string;
  let seen: readonly (Answer | Left)[];

  before(async () => {
    controlPlane = await startControlPlane();
    directory = await mkdtemp(join(tmpdir(), "kjerne-proxy-modes-"));
    for (const object of [node, ...services.flatMap(({ objects }) => objects)]) await create(object);
    for (const { name, ingress } of services) if (ingress) await giveAddress(name, ingress);
    const kubeconfig = join(directory, "guest.kubeconfig");
    await writeFile(kubeconfig, await kubeconfigInGuest(controlPlane), { mode: 0o600 });
    const lines = services.flatMap(({ name, protocol, at }) =>
      origins.flatMap((from) => at.map((one) => `${from} ${name} ${protocol} ${one}\n`)),
    );
    seen = (await runInGuest({
      image: await guestImage(await ensureSupply(say), say),
      script: join(__dirname, "kube-proxy-modes.sh"),
      copies: [kubeconfig, ...["kube-proxy", "agnhost"].map((name) => join(controlPlane.binDirectory, name))],
      files: merge(
        file("modes", `${modes.join(" ")}\n`),
        file("services", lines.join("")),
        ...[...new Set(modes)].map((mode) =>
          file(`kube-proxy-${mode}.yaml`, proxyConfigurationFor(mode, "guest.kubeconfig")),
        ),
      ),
      memoryMiB: 2048,
      counts: false,
      say,
    })) as (Answer | Left)[];
  });
  after(async () => {
    await controlPlane?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  for (const [at, mode] of modes.entries()) {
    test(`before ${mode} (${at + 1}) its own clean-up leaves nothing of any mode in the kernel`, () => {
      const left = seen.filter((one): one is Left => "before" in one)[at];
      assert.deepEqual(left, { before: mode, left: { ipvs: false, iptables: false, nftables: false } });
    });
  }

  for (const { name, title, stays, byIpvs } of services) {
    for (const from of origins) {
      const other = byIpvs[from];
      const same = other ? "the same answers in every mode but IPVS" : "the same answers in every mode";
      test(`${title}, asked from ${from === "asks" ? "a pod" : from}: ${same}`, () => {
        const told = seen.filter((one): one is Answer => "service" in one && one.service === name && one.from === from);
        assert.deepEqual(
          told.map(({ mode }) => mode),
          modes,
        );
        const pods = (answers: readonly string[]) => answers.filter((one) => one.startsWith("hostname")).length;
        const [usual] = told.filter(({ mode }) => mode !== "ipvs").map(({ answers }) => answers);
        for (const { mode, answers } of told)
          if (stays) assert.equal(pods(answers), 1, `${mode}: ${answers.join(", ")}`);
          else assert.deepEqual(answers, mode === "ipvs" && other ? other : usual, mode);
      });
    }
  }

  const create = (object: object) => controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(object));
  const giveAddress = (name: string, ip: string) =>
    controlPlane.kubectl([
      ...["patch", "service", name, "--subresource=status", "--type=merge", "--patch"],
      JSON.stringify({ status: { loadBalancer: { ingress: [{ ip }] } } }),
    ]);
});
