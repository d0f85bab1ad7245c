import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { versions } from "../../node-config/versions";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { buildGoModule } from "../../tools/supply/go-module";
import { etcd, kubernetes, releaseOf } from "../../tools/supply/recipes/modules";
import { type ApiServer, end, freePorts } from "./processes";

/** A real API server on loopback, with etcd and controllers and without nodes. */
export interface ControlPlane {
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string;
  /** Directory with the `kubectl` of the same version. */
  readonly binDirectory: string;
  /** Runs kubectl as the administrator; gives its stdout. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** etcdctl and the arguments with which it reaches this etcd; a subcommand follows. */
  readonly etcdctl: readonly [string, ...string[]];
  readonly apiServer: ApiServer;
  /** Starts another API server on the same etcd, which encrypts by another file. */
  addApiServer(encryption: string): Promise<ApiServer>;
  /** Adds and starts another etcd member, a learner, which doesn't vote. */
  addMember(name: string): Promise<void>;
  /** Ends the processes and removes every file. */
  stop(): Promise<void>;
}

type Flags = Readonly<Record<string, string>>;
const argumentsOf = (flags: Flags) => Object.entries(flags).map((flag) => `--${flag.join("=")}`);

/** An address reserved for documentation: kubeadm and the API server refuse to advertise loopback. */
const advertised = "192.0.2.1";

/**
 * Starts etcd, kube-apiserver and kube-controller-manager as processes and waits until the API server is ready.
 * @param more arguments of the API server, without dashes
 */
export async function startControlPlane(more: Flags = {}): Promise<ControlPlane> {
  const say = (line: string) => console.error(line);
  const programs = await buildGoModule(kubernetes(versions.default), say);
  const store = await buildGoModule(etcd(releaseOf(versions.default).etcd), say);
  const directory = await mkdtemp(join(tmpdir(), "kjerne-api-"));
  const [apiPort, controllersPort, ...etcdPorts] = await freePorts(4);
  const [client, peer] = etcdPorts.map((port) => `http://127.0.0.1:${port}`) as [string, string];
  const etcdctl = [join(store, "etcdctl"), "--endpoints", client] as const;
  const pki = (name: string) => join(directory, "pki", name);
  const kubeconfig = join(directory, "super-admin.conf");
  const processes: ChildProcess[] = [];

  const start = (program: string, flags: Flags) => {
    // The kernel kills it when the test process ends, even when that is killed.
    const argv = ["--pdeathsig", "KILL", program, ...argumentsOf(flags)];
    const child = spawn("setpriv", argv, { stdio: ["ignore", "pipe", "pipe"] });
    const log = createWriteStream(`${directory}/${program.split("/").at(-1)}.log`);
    for (const output of [child.stdout, child.stderr]) output.pipe(log);
    processes.push(child);
    return child;
  };
  const kubectl = (args: readonly string[], input?: string) =>
    run(join(programs, "kubectl"), ["--kubeconfig", kubeconfig, ...args], { input });
  let stopping = false;
  const stop = async () => {
    stopping = true;
    // In reverse order, so that no process loses a server that it needs.
    for (const child of processes.reverse()) await end(child);
    await rm(directory, { recursive: true, force: true });
  };

  try {
    await makeCertificates();
    startEtcd("default", client, peer, {});
    const apiServer = startApiServer(apiPort, more);
    startControllerManager();
    await untilReady();
    return { kubeconfig, binDirectory: programs, kubectl, etcdctl, apiServer, addApiServer, addMember, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  async function makeCertificates() {
    const config = join(directory, "kubeadm.yaml");
    await writeFile(config, kubeadmConfig(pki(""), apiPort));
    const kubeadm = (...args: string[]) =>
      run(join(programs, "kubeadm"), ["init", "phase", ...args, "--config", config]);
    await kubeadm("certs", "all");
    await kubeadm("kubeconfig", "super-admin", "--kubeconfig-dir", directory);
  }

  function startEtcd(name: string, client: string, peer: string, others: Flags) {
    start(join(store, "etcd"), {
      name,
      "data-dir": join(directory, `etcd-${name}-${new URL(peer).port}`), // a member that comes back is another one
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": Object.entries({ ...others, [name]: peer })
        .map((member) => member.join("="))
        .join(),
      "initial-cluster-state": Object.keys(others).length > 0 ? "existing" : "new",
      "unsafe-no-fsync": "true",
    });
  }

  async function addMember(name: string) {
    const [own, told] = await freePorts(2).then((ports) => ports.map((port) => `http://127.0.0.1:${port}`));
    const [program, ...asked] = etcdctl;
    await run(program, [...asked, "member", "add", name, "--learner", "--peer-urls", told as string]);
    startEtcd(name, own as string, told as string, { default: peer });
  }

  function apiServerFlags(port: number | undefined): Record<string, string> {
    return {
      "etcd-servers": client,
      "bind-address": "127.0.0.1",
      "advertise-address": advertised,
      "secure-port": `${port}`,
      "service-cluster-ip-range": "10.96.0.0/16",
      "client-ca-file": pki("ca.crt"),
      "tls-cert-file": pki("apiserver.crt"),
      "tls-private-key-file": pki("apiserver.key"),
      "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
      "service-account-key-file": pki("sa.pub"),
      "service-account-signing-key-file": pki("sa.key"),
      "authorization-mode": "Node,RBAC",
      "enable-admission-plugins": "NodeRestriction",
      "allow-privileged": "true",
    };
  }

  /** Starts again whenever it ends, as a static pod does. */
  function startApiServer(port: number | undefined, more: Flags): ApiServer {
    const flags = { ...apiServerFlags(port), ...more };
    const pidFile = join(directory, `kube-apiserver-${port}.pid`);
    const play = () => {
      if (stopping) return;
      const child = start(join(programs, "kube-apiserver"), flags);
      child.on("exit", play);
      writeFileSync(pidFile, `${child.pid}`);
    };
    play();
    // On a node it is found at the address that it advertises.
    const command = ["kube-apiserver", ...argumentsOf({ ...flags, "advertise-address": "127.0.0.1" })];
    const server = ["--server", `https://127.0.0.1:${port}`];
    return {
      manifest: stringify({ spec: { containers: [{ command }] } }),
      kubeconfig,
      pidFile,
      kubectl: (args, input) => kubectl([...server, ...args], input),
    };
  }

  async function addApiServer(encryption: string): Promise<ApiServer> {
    const added = startApiServer((await freePorts(1))[0], { "encryption-provider-config": encryption });
    await untilSucceeds("the added API server", 120, () => added.kubectl(["get", "--raw", "/readyz"]));
    return added;
  }

  function startControllerManager() {
    start(join(programs, "kube-controller-manager"), {
      kubeconfig,
      "bind-address": "127.0.0.1",
      "secure-port": `${controllersPort}`,
      "leader-elect": "false",
      "use-service-account-credentials": "true",
      "service-account-private-key-file": pki("sa.key"),
      "root-ca-file": pki("ca.crt"),
    });
  }

  async function untilReady() {
    try {
      await untilSucceeds("the API server", 120, () => kubectl(["get", "--raw", "/readyz"]));
      await untilSucceeds("the controllers", 60, () => kubectl(["get", "serviceaccount", "default"]));
    } catch (cause) {
      const log = await readFile(join(directory, "kube-apiserver.log"), "utf8");
      throw new Error(`the control plane did not start; kube-apiserver said:\n${log.slice(-2000)}`, { cause });
    }
  }
}

function kubeadmConfig(certificatesDir: string, port: number | undefined): string {
  const apiVersion = "kubeadm.k8s.io/v1beta4";
  const init = { apiVersion, kind: "InitConfiguration", localAPIEndpoint: { advertiseAddress: advertised } };
  const cluster = {
    apiVersion,
    kind: "ClusterConfiguration",
    kubernetesVersion: `v${versions.default}`,
    certificatesDir,
    controlPlaneEndpoint: `127.0.0.1:${port}`,
    networking: { serviceSubnet: "10.96.0.0/16" },
  };
  return [init, cluster].map((document) => stringify(document)).join("---\n");
}
