import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { parseAllDocuments, stringify } from "yaml";
import { type AdmissionPoliciesArgs, admissionPolicies } from "../../components/security/admission-policies";
import { untilSucceeds } from "../../tools/lab/until";
import { calicoFiles } from "../../tools/supply/calico-files";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { customKinds } from "./custom-kinds";

export interface Answer {
  readonly isTaken: boolean;
  /** What kubectl says on stderr: warnings, or why not. */
  readonly said: string;
  /** Rules that are named there. */
  readonly rules: readonly string[];
}

/** An API server with the kinds of Calico and of some operators, that can judge as a cluster's does. */
export interface AdmissionServer {
  readonly controlPlane: ControlPlane;
  /** Creates the object, or changes it where it is there. */
  put(...objects: readonly object[]): Promise<Answer>;
  /** Says what `put` would, and changes nothing. */
  tryOut(...objects: readonly object[]): Promise<Answer>;
  /** Applies what a cluster has, and waits until the API server judges by it. */
  judgeWith(args: AdmissionPoliciesArgs): Promise<void>;
}

export async function startAdmissionServer(): Promise<AdmissionServer> {
  const controlPlane = await startControlPlane();
  const { binDirectory, kubeconfig } = controlPlane;

  async function apply(objects: readonly object[], ...more: readonly string[]): Promise<Answer> {
    const args = ["apply", "--server-side", "--force-conflicts", ...more, "--filename", "-"];
    const running = promisify(execFile)(join(binDirectory, "kubectl"), ["--kubeconfig", kubeconfig, ...args]);
    running.child.stdin?.end(objects.map((object) => stringify(object)).join("---\n"));
    const [isTaken, said] = await running.then(
      ({ stderr }) => [true, stderr] as const,
      ({ stderr }) => [false, `${stderr}`] as const,
    );
    const named = [...said.matchAll(/ValidatingAdmissionPolicy 'kjerne-([a-z]+-\d+)'/g)].map(([, id = ""]) => id);
    return { isTaken, said, rules: [...new Set(named)].map((id) => id.toUpperCase()).sort() };
  }
  const put = (...objects: readonly object[]) => apply(objects);
  const tryOut = (...objects: readonly object[]) => apply(objects, "--dry-run=server");

  async function judgeWith(args: AdmissionPoliciesArgs): Promise<void> {
    // The last of the exceptions is what an API server has learnt last.
    const probe = { rule: "SEC-14", kind: "ConfigMap", namespace: "default", name: `probe-${Date.now()}` };
    const all = admissionPolicies({ ...args, exceptions: [...(args.exceptions ?? []), probe] });
    const { isTaken, said } = await put(...all.map(({ policy }) => policy), ...all.map(({ binding }) => binding));
    assert.ok(isTaken, said);
    await untilSucceeds("the API server judges", 60, async () => {
      const [excepted, other] = [await tryOut(keyIn(probe.name)), await tryOut(keyIn("other"))];
      assert.deepEqual([excepted.rules, other.rules, other.isTaken], [[], ["SEC-14"], args.action === "warn"]);
    });
  }

  const calico = parseAllDocuments(await readFile((await calicoFiles()).manifest, "utf8"));
  const kinds = calico.map((document) => document.toJS()).filter((one) => one?.kind === "CustomResourceDefinition");
  const { isTaken, said } = await put(...kinds, ...customKinds, ...["shop", "nowhere", "calico-system"].map(namespace));
  assert.ok(isTaken, said);
  return { controlPlane, put, tryOut, judgeWith };
}

const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
const keyIn = (name: string) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } },
  data: { value: "-----BEGIN PRIVATE KEY-----" },
});
