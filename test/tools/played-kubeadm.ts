import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { asRoot, rootCommand, run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";

/**
 * A machine with files of its own in /etc/kubernetes, /var/lib/etcd and /var/lib/kjerne, a network of its own, and fakes
 * of kubeadm and the rest, which log what they are told. kubeadm fails while there is a file `kubeadm-fails`.
 */
const machine = mkdtempSync(join(tmpdir(), "kjerne-init-"));
export const at = (path: string) => join(machine, path);
const directories = ["etc/kubernetes", "var/lib/etcd", "var/lib/kjerne"];

export function put(path: string, content = "", mode = 0o644) {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content, { mode });
}

const entered = `
  mount -t tmpfs none /run
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/upper/etc,workdir=$0/scratch/etc" /etc
  mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$0/upper/lib,workdir=$0/scratch/lib" /var/lib
  for directory in ${directories.join(" ")}; do mkdir -p "/$directory"; mount --bind "$0/$directory" "/$directory"; done
  ip link set lo up
  export PATH="$0/bin:$PATH"
  SERVES
  text=$1
  shift
  "$@" bash -c "$text" script create`;

/** Runs init.sh or join.sh behind those words, while an API server of another machine answers at `serves`. */
export async function script(name: "init" | "join", stdin: string, serves?: string, before: readonly string[] = []) {
  const server = serves
    ? `openssl s_server -accept ${serves}:6443 -cert ${at("tls.pem")} -key ${at("tls.pem")} -www &>/dev/null </dev/null & trap "kill $!" EXIT
      until (exec 3<>/dev/tcp/${serves}/6443) 2>/dev/null; do kill -0 $!; done`
    : "";
  const text = textOf(`kubeadm/${name}.sh`);
  const inside = entered.replace("SERVES", server);
  const [program, ...args] = rootCommand([
    "unshare",
    "--mount",
    "--net",
    "bash",
    "-euc",
    inside,
    machine,
    text,
    ...before,
  ]);
  put("log");
  try {
    return await run(program, args, { input: stdin }).catch(onlyWhatItSaid);
  } finally {
    calls = readFileSync(at("log"), "utf8").trim().split("\n").filter(Boolean);
  }
}
/** What the fakes were told in the last run. */
export let calls: string[] = [];

const asked = { name: "cp1", address: "127.0.0.1", others: { cp2: "127.0.0.2", cp3: "127.0.0.3" } };
export const cp1 = JSON.stringify({ ...asked, join: "" });
export const init = (serves?: string) => script("init", cp1, serves);
/** As long as the others have the cluster. */
export const cp1Joining = () => JSON.stringify({ ...asked, join: joining("controlPlane") });
export const joining = (kind: "controlPlane" | "worker") =>
  `kind: JoinConfiguration\n${kind === "controlPlane" ? "controlPlane:\n  certificateKey: x\n" : ""}`;
export const joinAs = (kind: "controlPlane" | "worker") => script("join", joining(kind));

before(async () => {
  const pair = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", at("tls.pem")];
  await run("openssl", ["req", "-x509", ...pair, "-subj", "/CN=api", "-out", at("tls.crt")]);
  writeFileSync(at("tls.pem"), readFileSync(at("tls.pem"), "utf8") + readFileSync(at("tls.crt"), "utf8"));
  for (const part of ["upper/etc", "upper/lib", "scratch/etc", "scratch/lib"]) mkdirSync(at(part), { recursive: true });
  const fake = (name: string, body = "") =>
    put(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >>${at("log")}\n${body}\n`, 0o755);
  fake("kjerne-register-again");
  fake("crictl", `[[ ! -e ${at("runtime-starts")} ]] || { rm ${at("runtime-starts")}; exit 1; }`);
  fake("systemctl", `[[ $1 != enable ]] || touch ${at("enabled")}/"\${@: -1}"`);
  fake("kjerne-etcd-disk", `[[ ! -e ${at("disk-is-slow")} ]]`);
  fake(
    "kubectl",
    `[[ ! -e ${at("no-answer")} ]] || exit 1; [[ $* != *--filename* ]] || cat >${at("enabled")}/declared`,
  );
  fake("kjerne-configure-control-plane", "touch /var/lib/kjerne/control-plane");
  const made = `mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests /var/lib/etcd/member
    touch /etc/kubernetes/{kubelet.conf,manifests/etcd.yaml} /var/lib/etcd/member/wal`;
  const certificate =
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 1 -keyout /dev/null -out /etc/kubernetes/pki/ca.crt 2>/dev/null";
  fake(
    "kubeadm",
    `case $1 in
      init) ${made}; [[ ! -e ${at("kubeadm-fails")} ]] || exit 1
        ${certificate} ;;
      join) ${made}; if grep -q ^controlPlane: "$3"; then touch /etc/kubernetes/admin.conf; ${certificate}; fi
        [[ ! -e ${at("kubeadm-fails")} ]] ;;
      reset) rm -rf /etc/kubernetes/{kubelet.conf,manifests,admin.conf,pki} /var/lib/etcd/member ;;
      kubeconfig) echo operator ;;
    esac`,
  );
});
after(() => asRoot("rm", "--recursive", "--force", machine));
beforeEach(fresh);

/** The machine before anything ran there. */
export async function fresh(): Promise<void> {
  for (const name of ["kubeadm-fails", "disk-is-slow", "no-answer", "runtime-starts"])
    rmSync(at(name), { force: true });
  await asRoot("rm", "--recursive", "--force", ...directories.map(at), at("enabled"));
  for (const directory of [...directories, "enabled"]) mkdirSync(at(directory), { recursive: true });
  put("etc/kubernetes/kjerne/kubeadm.yaml");
}
