import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A machine whose files are this one's, with a layer above them that goes away, and a network of its own. Its programs
 * that would change what files don't hold are played: they keep their state in /state. Calls that change something are
 * counted in /state/steps and listed in /state/log; the call STOP_AT kills the script that makes it, before it does
 * anything. While there is a /state/stuck, what undoes something fails.
 *
 * @param real Programs that are not played, but this machine's own.
 */
export function makeMachine(real: readonly string[] = []) {
  const scratch = mkdtempSync(join(tmpdir(), "kjerne-adopt-"));
  const bin = join(scratch, "bin");
  const inside = join(scratch, "inside");
  return {
    remove: () => rmSync(scratch, { recursive: true, force: true }),
    /** Arguments of `unshare` for bash commands on a new machine. */
    argv: (commands: string) => {
      writeFileSync(inside, `export PATH=/state/bin:$PATH\n${commands}\n`);
      writeFileSync(bin, program());
      chmodSync(bin, 0o755);
      const played = names.filter((name) => !real.includes(name));
      const links = played.map((name) => `ln -s played "$root/state/bin/${name}"`).join("\n");
      return [
        ...["--mount", "--net", "--pid", "--fork", "bash", "-euc"],
        `mount -t tmpfs none "$0"; mkdir "$0/upper" "$0/work" "$0/root"; root=$0/root
        mount -t overlay -o "lowerdir=/,upperdir=$0/upper,workdir=$0/work" none "$root"
        mount -t proc none "$root/proc"; mount --rbind /dev "$root/dev"
        mkdir -p "$root/state/bin"; echo 0 >"$root/state/steps"; cp "$1" "$root/state/bin/played"; cp "$2" "$root/state/inside"
        ${links}
        chroot "$root" bash -u /state/inside`,
        ...[mkdtempSync(join(scratch, "layer-")), bin, inside],
      ];
    },
  };
}

const names = [
  ...["apt-get", "apt-mark", "ctr", "dpkg", "dpkg-query", "find", "ip", "ipset", "nft", "pkill", "sysctl", "systemctl"],
  ...["iptables-nft", "ip6tables-nft", "iptables-legacy", "ip6tables-legacy"].flatMap((name) => [
    `${name}-save`,
    `${name}-restore`,
  ]),
  // These do what they always do, and a script can be killed before they do.
  ...["cp", "install", "mkdir", "mv", "rm", "rmdir", "sed"],
];

function program(): string {
  return String.raw`#!/bin/bash
set -eu
name=$(basename "$0")
case "$name $*" in
  dpkg-query* | find* | pkill* | *-save* | *" list"* | *" --simulate "* | "ip -brief"* | "sysctl --"[av]* | "systemctl cat"* | "systemctl is-active"* | sed*) ;;
  *)
    steps=$(($(</state/steps) + 1))
    echo "$steps" >/state/steps
    echo "$steps $name $*" >>/state/log
    [[ $steps != "${"$"}{STOP_AT:-}" ]] || kill -KILL 0 ;;
esac
stuck() { [[ ! -e /state/stuck ]] || { echo "$1 is stuck" >&2; exit 1; }; }
without() { /usr/bin/grep -v "^$2" "/state/$1" >/state/new || true; cat /state/new >"/state/$1"; }
case "$name $*" in
  "dpkg-query "*Abbrev*Version*) awk '{print "ii \t" $1 "\t" $2}' /state/packages ;;
  "dpkg-query "*Abbrev*) awk '{print "ii \t" $1}' /state/packages ;;
  "dpkg-query "*Version*) awk '{print $1 "=" $2}' /state/packages ;;
  "dpkg-query "*) exit 1 ;;
  "apt-get "*" --simulate install "*)
    for argument; do case $argument in [a-z]*=*) echo "Inst ${"$"}{argument%=*} (${"$"}{argument#*=} kjerne [amd64])" ;; esac; done ;;
  "apt-get "*" install "*)
    for argument; do case $argument in [a-z]*=*) echo "${"$"}{argument/=/ }" >>/state/packages ;; esac; done ;;
  "dpkg --purge "*) for argument in "${"$"}{@:2}"; do without packages "$argument "; done ;;
  "ctr "*" list") cat /state/images ;;
  "ctr "*" tag "*) echo "${"$"}{@: -1} type sha256:1" >>/state/images ;;
  "find "*) printf '%s\n' / /etc /opt /usr /var/lib ;;
  "ip -brief link") cat /state/links ;;
  "ip link delete "*) stuck "$3"; without links "$3" ;;
  "ipset list "*) cat /state/sets ;;
  "ipset destroy "*) stuck ipset; without sets "$2" ;;
  "nft list tables") cat /state/tables ;;
  "nft delete "*) stuck nft; without tables "$2" ;;
  "iptables-nft-save "*) cat /state/rules ;;
  "iptables-nft-restore "*)
    rules=$(cat)
    stuck "$name"
    echo "$rules" >/state/rules ;;
  "sysctl --all"*) cat /state/sysctls ;;
  "sysctl --values "*) sed -n "s/^$2 = //p" /state/sysctls ;;
  "sysctl --quiet --write "*) stuck sysctl; echo "${"$"}{3/=/ = }" >/state/sysctls ;;
  "systemctl enable "*) echo "${"$"}{@: -1}" >>/state/enabled ;;
  "systemctl cat "* | "systemctl is-active "* | "pkill "*) exit 1 ;;
  "cp "* | "install "* | "mkdir "* | "mv "* | "rm "* | "rmdir "* | "sed "*) exec "/usr/bin/$name" "$@" ;;
esac
`;
}
