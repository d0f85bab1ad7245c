import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { listIn } from "../../node-config/file-set";
import { fingerprintOf } from "../../tools/new/machine";
import { asRoot, rootCommand } from "../../tools/run";

/**
 * Machines as somebody rents them, in namespaces: each has a name, a network card in 10.88.0.0/24, name servers and an
 * sshd of its own, and files of this machine. What tells kernel and boot is played: they are system containers.
 */
const start = String.raw`
  mount -t proc none /proc
  mount -t tmpfs none /run
  places=$1
  shift
  mkdir -p "$0/bin" /run/sshd
  play() { printf '#!/bin/sh\n%s\n' "$2" >"$0/bin/$1"; chmod +x "$0/bin/$1"; }
  play systemd-detect-virt 'case "$*" in *--quiet*) ;; *) echo lxc ;; esac'
  play ps 'echo systemd'
  play modprobe 'exit 0'
  play nproc 'echo 4'
  play df 'echo Avail; echo 100'
  play wc 'if [ -e /var/lib/swapped ]; then echo 2; else echo 1; fi'
  ip link set lo up
  ip link add br0 type bridge
  ip address add 10.88.0.1/24 dev br0
  ip link set br0 up
  echo 'nameserver 10.88.0.1' >"$0/resolv.conf"
  ssh-keygen -q -t ed25519 -N '' -C operator -f "$0/key"
  at=10
  for name; do
    at=$((at + 1))
    ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$0/$name"
    printf '%s\n' "ListenAddress 10.88.0.$at" "HostKey $0/$name" "AuthorizedKeysFile $0/key.pub" 'PidFile none' 'StrictModes no' \
      'UsePAM no' 'PasswordAuthentication no' 'LogLevel QUIET' "SetEnv PATH=$0/bin:/usr/sbin:/usr/bin:/sbin:/bin" >"$0/$name.conf"
    ip netns add "$name"
    ip link add "port$at" type veth peer name eth0 netns "$name"
    ip link set "port$at" master br0 up
    ip -n "$name" link set lo up
    ip -n "$name" address add "10.88.0.$at/24" dev eth0
    ip -n "$name" link set eth0 up
    ip -n "$name" route add default via 10.88.0.1
    ip netns exec "$name" unshare --uts --mount bash -euc '
      hostname "$1"
      mount -t tmpfs none /var/lib
      for place in $2; do if [[ -d $place ]]; then mount -t tmpfs none "$place"; fi; done
      mount --bind "$0/resolv.conf" "$(realpath /etc/resolv.conf)"
      exec /usr/sbin/sshd -D -f "$0/$1.conf"' "$0" "$name" "$places" &
  done
  for ((address = 11; address <= at; address++)); do
    until (exec 3<>"/dev/tcp/10.88.0.$address/22") 2>/dev/null; do read -rt 0.1 <> <(:) || true; done
  done
  read -r pid _ <"/proc/self/stat"
  echo up
  wait`;

export type FreshMachines = Awaited<ReturnType<typeof startMachines>>;

/** Machines of these names at 10.88.0.11, 10.88.0.12, … */
export async function startMachines(...names: readonly string[]) {
  const directory = mkdtempSync(join(tmpdir(), "kjerne-fresh-"));
  const isolated = ["--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-euc", start, directory] as const;
  const [program, ...args] = rootCommand(["unshare", ...isolated, listIn("machine/places.txt").join(" "), ...names]);
  const machines = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  await Promise.race([
    once(createInterface(machines.stdout), "line"),
    once(machines, "exit").then(() => Promise.reject(new Error("the machines did not start in namespaces"))),
  ]);
  // The first process in the new namespaces, a child of unshare.
  const pid = (await asRoot("pgrep", "--parent", String(machines.pid))).trim();
  return {
    /** A file of the machines: `key`, the operator's. */
    at: (file: string) => join(directory, file),
    /** A command line that runs in their network, as root. */
    beside: (...argv: [string, ...string[]]) => rootCommand(["nsenter", "--target", pid, "--net", ...argv]),
    fingerprint: (name: string) => fingerprintOf(readFileSync(join(directory, `${name}.pub`), "utf8")),
    stop: async () => {
      const ended = once(machines, "exit");
      await asRoot("kill", "-KILL", pid); // the first process there: all others end with it
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
