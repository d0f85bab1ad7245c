import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { rootCommand, run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";
import { cutInTurn, cutting, trap } from "./power-cut";

/** A machine with directories of its own for what scripts write, and fakes that keep their state in `state`. */
const machine = mkdtempSync(join(tmpdir(), "kjerne-power-cut-"));
const at = (path: string) => join(machine, path);
after(() => rmSync(machine, { recursive: true, force: true }));
const own = { srv: "/srv", kjerne: "/var/lib/kjerne", images: "/var/lib/kjerne/images" };

function fresh(fakes: Readonly<Record<string, string>>, state: Readonly<Record<string, string>> = {}) {
  rmSync(machine, { recursive: true, force: true });
  for (const directory of ["bin", "state", ...Object.keys(own)]) mkdirSync(at(directory), { recursive: true });
  mkdirSync(at("kjerne/images"));
  writeFileSync(at("trap"), trap);
  writeFileSync(at("log"), "");
  for (const [name, text] of Object.entries(state)) writeFileSync(at(`state/${name}`), text);
  for (const [name, body] of Object.entries(fakes)) {
    writeFileSync(at(`bin/${name}`), `#!/bin/bash\nset -eu\ncd ${at("state")}\n${body}\n`);
    chmodSync(at(`bin/${name}`), 0o755);
  }
}

const entered = `
  mount -t tmpfs none /run
  mkdir -p /var/lib/kjerne
  ${Object.entries(own)
    .map(([name, path]) => `mount --bind "$0/${name}" ${path}`)
    .join("\n")}
  export PATH="$0/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  text=$1
  shift
  "$@" bash -c "$text" script create`;

/** Cuts a script before each of its commands that match in turn; `fresh` makes the machine anew. */
function cut(script: string, stdin: object, before: string, fresh: () => void): Promise<number> {
  return cutInTurn({
    reset: async () => fresh(),
    run: (cut) => {
      const words = cut ? cutting(at("trap"), at("log"), before) : [];
      const inside = ["bash", "-euc", entered, machine, textOf(script), ...words];
      const [program, ...args] = rootCommand(["unshare", "--mount", ...inside]);
      return run(program, args, { input: JSON.stringify(stdin) }).catch(onlyWhatItSaid);
    },
    log: async () => readFileSync(at("log"), "utf8"),
    seen: async () => ["state", ...Object.keys(own)].flatMap(filesBelow).join("\n"),
  });
}
/** Files with modes and sizes, and the content of those that are short. */
const filesBelow = (top: string) =>
  readdirSync(at(top), { recursive: true, encoding: "utf8" })
    .filter((path) => path !== ".lock")
    .sort()
    .map((path) => [`${top}/${path}`, statSync(at(`${top}/${path}`))] as const)
    .map(([path, { mode, size }]) => [path, mode, size < 999 && mode & 0o100000 ? readFileSync(at(path), "utf8") : ""]);

test("build-image.sh that is killed before any of its changes builds the same image when it runs again", async () => {
  const image = { path: "/var/lib/kjerne/images/bookworm-1", debian: "bookworm", sources: "", packages: ["jq"] };
  const files = { "/etc/motd": { content: "hello", mode: "0644" } };
  const recipe = { ...image, images: {}, registries: {}, authorities: "", files };
  const fakes = {
    mmdebstrap: `root=\${@: -2:1}
      mkdir -p "$root"/{boot,etc/apt/apt.conf.d,etc/ssh}
      touch "$root"/boot/{vmlinuz-6,initrd.img-6} "$root/etc/apt/apt.conf.d/99mmdebstrap" "$root/etc/ssh/ssh_host_rsa_key"`,
    chroot: 'case "$*" in *dpkg-query*) echo jq=1 ;; esac',
  };
  const changing = ["mkdir", "mmdebstrap", "sed", "install", "chroot", "rm", "cp", "mkfs", "mv"].map(
    (one) => `${one}*`,
  );
  assert.ok((await cut("hypervisor/build-image.sh", recipe, changing.join("|"), () => fresh(fakes))) > 12);
});

test("make.sh of volumes that is killed before any of its changes makes the same directories when it runs again", async () => {
  const volumes = ["/srv/volumes/a", "/srv/volumes/b"].map((directory) => ({ directory, sizeGiB: 1 }));
  assert.ok((await cut("volumes/make.sh", { volumes }, "mkdir*|chmod*|mv*", () => fresh({}))) >= 3);
});

test("change.sh that is killed before any of its changes upgrades the node when it runs again", async () => {
  const held = ["kubeadm", "kubelet"];
  const software = { packages: held.map((name) => `${name}=1.36.3-1`), images: {}, registries: {}, authorities: "" };
  const upgrade = { step: "change", part: "first", version: "1.36.3", configuration: "kind: UpgradeConfiguration" };
  const fakes = {
    "dpkg-query": `while IFS== read -r name version; do printf 'ii \\t%s\\t%s\\n' "$name" "$version"; done <packages`,
    "apt-get": `[[ " $* " == *" install "* ]] || exit 0
      for package; do [[ $package != *=*-1 ]] || sed -i "s/^\${package%%=*}=.*/$package/" packages; done`,
    dpkg: "",
    "apt-mark": 'shift; printf "%s\\n" "$@" >held',
    kubelet: `sed -n 's/^kubelet=\\(.*\\)-1/Kubernetes v\\1/p' packages`,
    // As the real one it takes the cluster to its own version.
    kubeadm: "grep ^kubeadm= packages >cluster",
    systemctl: 'if [[ $* == "restart kubelet" ]]; then grep ^kubelet= packages >running; fi',
    ctr: "echo Version: 2.3.7",
    crictl: "",
  };
  const state = {
    packages: "kubeadm=1.35.4-1\nkubelet=1.35.4-1\n",
    running: "kubelet=1.35.4-1\n",
    cluster: "kubeadm=1.35.4-1\n",
  };
  const changing = ["apt-get", "apt-mark", "dpkg", "kubeadm", "systemctl", "mkdir", "rm", "echo"].map(
    (one) => `${one}*`,
  );
  const cuts = await cut(
    "upgrade/change.sh",
    { ...software, ...upgrade, held, sources: "Types: deb" },
    changing.join("|"),
    () => fresh(fakes, state),
  );
  assert.ok(cuts > 8);
  const now = (name: string) => readFileSync(at(`state/${name}`), "utf8").trim();
  assert.deepEqual(
    [now("cluster"), now("running"), now("held")],
    ["kubeadm=1.36.3-1", "kubelet=1.36.3-1", "kubeadm\nkubelet"],
  );
  assert.deepEqual(
    readdirSync(at("kjerne")).filter((name) => name.startsWith("upgrade")),
    [],
  );
});
