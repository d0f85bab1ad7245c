import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { after, before, describe } from "node:test";
import { bringUp, takeDown } from "../../commands/lab/bring-up";
import { labStack } from "../../commands/lab/lab-stack";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { ensureEngine } from "../../tools/engine/engine";
import { onHypervisor } from "../../tools/lab/hypervisor";
import { claimedIndex } from "../../tools/lab/links";
import { namespaces } from "../../tools/lab/namespaces";
import { type LabAddresses, labAddresses, labFiles } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { untilSucceeds } from "../../tools/lab/until";
import { runStack, type Stack, stackOutput } from "../../tools/stack";
import { reachedByTheRouter } from "../e2e/balanced";
import { keepDiagnostics } from "../e2e/diagnostics";
import { letOthersWait } from "../e2e/precedence";
import { changeSettings } from "../e2e/settings";
import { onNode } from "../e2e/shell";
import { steps } from "../e2e/steps";
import { everyCheck, named } from "../unit/verify/every-check";

/**
 * The lab of this test, beside any other. Each run first removes what an interrupted run left. One machine, which has
 * both processors for itself where they are emulated: what needs several is in existing-machines.test.ts.
 */
const lab = "e2e-virtual";
const say = (line: string) => console.log(line);

describe("a cluster on a virtual machine with a kernel of its own", { concurrency: false }, () => {
  let stack: Stack;
  let addresses: LabAddresses;
  /** Asks a Service from behind the router. */
  let ask: () => Promise<string>;
  const { step, hasFailed } = steps();

  before(async () => {
    await takeDown(lab);
    await letOthersWait(lab, true);
    stack = await labStack(lab, await ensureEngine(say));
  });

  after(async () => {
    if (hasFailed()) console.error(`Logs that explain the failure are in ${await keepDiagnostics(stack)}`);
    await takeDown(lab);
    await letOthersWait(lab, false);
  });

  step("make lab brings up a cluster with IPVS that passes every check", async () => {
    await bringUp(lab, { MACHINES: "virtual", WORKERS: "0", LOAD_BALANCERS: "yes" });
    addresses = labAddresses((await claimedIndex(lab)) as number);
    const report = (await stackOutput<Report>(stack, "report")) as Report;
    assert.ok(report.passed, table(report));
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    assert.deepEqual(named(report.checks), everyCheck(wanted));
  });

  step("a client behind the router reaches the address of a Service by IPVS, and is seen as itself", async () => {
    const { wanted } = (await stackOutput<MainInput>(stack, "verification")) as MainInput;
    ask = await reachedByTheRouter(stack, wanted.probe.image, 0);
    assert.equal((await ask()).split(":")[0], addresses.host);
  });

  for (const mode of ["iptables", "ipvs"] as const) {
    step(`kube-proxy goes over to ${mode}, and nothing of its mode before stays in the kernel`, async () => {
      await changeSettings(stack, (config) => {
        config["kjerne:kubernetes"].proxy = { mode };
      });
      await runStack(stack, "up", ["--yes", "--skip-preview"], say);
      const report = (await stackOutput<Report>(stack, "report")) as Report;
      assert.ok(report.passed, table(report));
      const [tables = "", sets = "", virtualServers = "", links = ""] = await Promise.all(
        ["iptables-save", "ipset list -name", "ipvsadm --save --numeric", "ip -brief link"].map((command) =>
          onNode(stack, "cp1", command),
        ),
      );
      const ofIpvs = [/^KUBE-(?!6-)/m.test(sets), virtualServers.trim() !== "", /kube-ipvs0/.test(links)];
      assert.deepEqual(ofIpvs, Array(3).fill(mode === "ipvs"));
      assert.equal(/^:KUBE-SVC-/m.test(tables), mode === "iptables");
      await untilSucceeds("an answer of the Service at its own address", 300, ask);
    });
  }

  step("no packet has left the lab", async () => {
    const { escapes, attempts } = await labStatus(lab);
    assert.equal(escapes, 0, JSON.stringify(attempts));
  });

  step("destroy leaves nothing on the hypervisor, and make lab-down leaves nothing on this machine", async () => {
    await runStack(stack, "destroy", ["--yes", "--skip-preview"], say);
    assert.equal((await onHypervisor(lab, addresses, "virsh -c qemu:///system list --all --name")).trim(), "");
    assert.equal((await onHypervisor(lab, addresses, "virsh -c qemu:///system pool-list --all --name")).trim(), "");
    assert.deepEqual(await readdir(labFiles(lab).pool), []);

    await takeDown(lab);
    assert.deepEqual(
      (await namespaces()).filter((name) => name.startsWith(`kjerne-${lab}-`)),
      [],
    );
    assert.equal(existsSync(labFiles(lab).state), false);
  });
});
