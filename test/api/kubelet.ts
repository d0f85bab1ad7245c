import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProbePod } from "../../components/verify/probe-plan";
import type { ControlPlane } from "./control-plane";

/** How a connection from a pod ends: exit status and error message of agnhost. */
export type Ends = (pod: string, probe: string) => readonly [status: number, message: string];

/**
 * Plays the kubelets of a control plane without nodes: every pod becomes Ready, and `kubectl exec` in one answers as
 * connect.sh would. Put `directory` first in PATH: it holds the kubectl that does so.
 */
export class Kubelet {
  private constructor(
    private readonly controlPlane: ControlPlane,
    readonly directory: string,
  ) {}

  static async start(controlPlane: ControlPlane): Promise<Kubelet> {
    const directory = await mkdtemp(join(tmpdir(), "kjerne-kubelet-"));
    const kubectl = join(directory, "kubectl");
    const answer = `if [[ $1 == exec ]]; then cat "${directory}/$3"; else exec "${controlPlane.binDirectory}/kubectl" "$@"; fi`;
    await writeFile(kubectl, `#!/usr/bin/env bash\n${answer}\n`);
    await chmod(kubectl, 0o755);
    return new Kubelet(controlPlane, directory);
  }

  stop(): Promise<void> {
    return rm(this.directory, { recursive: true });
  }

  /** Sets how the connections of a plan end. As in connect.sh, a pod tries none after a failed one that must pass. */
  async decide(plan: readonly ProbePod[], ends: Ends): Promise<void> {
    for (const { name, passes, carries, refused } of plan) {
      const all = [...passes, ...carries, ...refused].map(({ id }) => ({ id, end: ends(name, id) }));
      const failed = all.findIndex(({ end: [status] }, index) => index < passes.length && status !== 0);
      const seen = all.slice(0, failed < 0 ? undefined : failed + 1);
      await writeFile(join(this.directory, name), seen.map(({ id, end }) => `${[id, ...end].join("\t")}\n`).join(""));
    }
  }

  /** Makes pods Ready until `finished` settles. */
  async play(finished: Promise<unknown>): Promise<void> {
    const { kubectl } = this.controlPlane;
    let done = false;
    const stop = () => {
      done = true;
    };
    finished.then(stop, stop);
    const ready = JSON.stringify({ status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
    while (!done) {
      const { items }: { items: Pod[] } = JSON.parse(await kubectl(["get", "pods", "-A", "-l", "role", "-o", "json"]));
      for (const { metadata } of items.filter(({ status }) => status.phase === "Pending")) {
        const target = ["pod", metadata.name, "--namespace", metadata.namespace];
        // A pod that was deleted in the meantime has no status to patch.
        await kubectl(["patch", ...target, "--subresource=status", "--type=merge", "--patch", ready]).catch(
          (error: Error) => {
            if (!/NotFound|not found/.test(error.message)) throw error;
          },
        );
      }
    }
  }
}

interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: { readonly phase?: string };
}
