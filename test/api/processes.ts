import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** An API server as kubelet runs it from a static pod. */
export interface ApiServer {
  /** The static pod's manifest, as kubeadm writes it, with what is read of it. */
  readonly manifest: string;
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** File that has the process's id while it runs. */
  readonly pidFile: string;
  /** Runs kubectl as the administrator, at this API server. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
}

/** Free ports. All are kept open until the last one is known, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** Kills a process and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL"); // Its files are removed, so it needs no orderly shutdown.
  await gone;
}
