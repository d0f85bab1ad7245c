import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { asRoot, rootCommand, run } from "../../tools/run";

const scripts = join(__dirname, "../../node-config/hypervisor");

/**
 * Nothing of this machine's own libvirt is seen; the bridge and the files in /srv go away with the namespaces. Guests run
 * as root: libvirt would ask QEMU for its capabilities anew before each command if only root may use /dev/kvm.
 */
const start = String.raw`
  read -r pid _ </proc/self/stat
  mount -t proc none /proc
  mount -t sysfs none /sys
  for directory in /run /etc/libvirt /var/lib/libvirt /var/log/libvirt /var/cache/libvirt /srv; do mount -t tmpfs none $directory; done
  printf '%s\n' 'cgroup_controllers = []' 'security_driver = "none"' 'stdio_handler = "file"' 'namespaces = []' 'user = "root"' 'group = "root"' >/etc/libvirt/qemu.conf
  printf '%s\n' 'auth_unix_rw = "none"' 'unix_sock_group = "root"' >/etc/libvirt/libvirtd.conf
  ip link add br0 type bridge
  ip address add 192.0.2.1/24 dev br0
  ip link set br0 up
  ip link set lo up
  mkdir /srv/image
  truncate --size 8M /srv/image/root.raw
  mkfs.ext4 -q /srv/image/root.raw
  touch /srv/image/vmlinuz /srv/image/initrd.img
  export LIBVIRT_DEFAULT_URI=qemu:///system
  libvirtd >/run/libvirtd.log 2>&1 &
  libvirtd=$! # the pause below starts a process of its own, whose number $! has then
  until virsh version &>/dev/null; do kill -0 $libvirtd || { cat /run/libvirtd.log >&2; exit 1; }; read -rt 0.1 <> <(:) || true; done
  echo "$pid"
  wait`;

export type PlayedHypervisor = Awaited<ReturnType<typeof startHypervisor>>;

/** A machine with a libvirt of its own, which runs emulated guests, and the image /srv/image for nodes of at least 1 GiB. */
export async function startHypervisor() {
  const isolated = ["--mount", "--net", "--pid", "--fork", "--kill-child", "bash", "-euc", start] as const;
  const [program, ...args] = rootCommand(["unshare", ...isolated]);
  const machine = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const pid = await Promise.race([
    once(createInterface(machine.stdout), "line").then(([line]) => line as string),
    once(machine, "exit").then(() => assertStarted()),
  ]);
  const enter = ["nsenter", "--target", pid, "--mount", "--net", "--pid"] as const;
  const inside = (argv: readonly string[], input?: string) => {
    const [program, ...args] = rootCommand([...enter, ...argv]);
    return run(program, args, { input, env: { LC_ALL: "C", LIBVIRT_DEFAULT_URI: "qemu:///system" } });
  };
  return {
    /** Runs commands of bash there, and gives what they print. */
    sh: async (commands: string) => (await inside(["bash", "-euo", "pipefail", "-c", commands])).trim(),
    /** Runs a script of node-config/hypervisor as the stack does, optionally with other words before `bash`. */
    script: async (name: string, action: string, stdin: object, before: readonly string[] = []) => {
      const text = readFileSync(join(scripts, `${name}.sh`), "utf8");
      return inside([...before, "bash", "-c", text, name, action], JSON.stringify(stdin)).catch(onlyWhatItSaid);
    },
    stop: async () => {
      const ended = once(machine, "exit");
      await asRoot("kill", "-KILL", pid); // the first process there: all others end with it
      await ended;
    },
  };
}

/** The message of a failed command holds the script's text, and with it each of its messages. */
export function onlyWhatItSaid({ stderr }: { stderr: string }): never {
  throw new Error(stderr);
}

function assertStarted(): never {
  throw new Error("libvirtd did not start in namespaces of its own");
}

/** A small guest that boots nothing. */
export function guest(name: string, uuid: string, mac: string, directory: string, cpus = 1) {
  return `<domain type="qemu">
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit="MiB">32</memory>
  <vcpu placement="static">${cpus}</vcpu>
  <os><type arch="x86_64" machine="q35">hvm</type></os>
  <features><acpi/><apic/></features>
  <devices>
    <disk type="file" device="disk">
      <driver name="qemu" type="raw"/>
      <source file="${directory}/root.raw"/>
      <target dev="vda" bus="virtio"/>
    </disk>
    <interface type="bridge">
      <mac address="${mac}"/>
      <source bridge="br0"/>
      <model type="virtio"/>
      <rom enabled="no"/>
    </interface>
    <memballoon model="none"/>
  </devices>
</domain>`;
}
