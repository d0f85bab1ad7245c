import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { privateApt } from "../debian-sources";
import { asRoot, rootCommand, run } from "../run";

/** Debian packages that lab, supply and tests need → the lowest version, "" for any. */
const wanted: Readonly<Record<string, string>> = {
  // The lab's machines
  "libvirt-daemon-system": "9.0",
  "libvirt-clients": "9.0",
  "qemu-system-x86": "1:10.0",
  "qemu-utils": "1:10.0",
  bird2: "",
  frr: "",
  "openssh-server": "",
  "openssh-client": "",
  nftables: "",
  iproute2: "",
  "iputils-ping": "",
  runit: "",
  tini: "",
  attr: "",
  procps: "",
  // What components call on a hypervisor
  sudo: "",
  jq: "",
  python3: "",
  mmdebstrap: "",
  xorriso: "",
  e2fsprogs: "",
  xfsprogs: "",
  // What supply, review and tests call
  bubblewrap: "",
  keepalived: "",
  age: "",
  rclone: "",
  "apt-utils": "",
  "dpkg-dev": "",
  gnupg: "",
  git: "",
  "ca-certificates": "",
  shellcheck: "",
  chromium: "",
};

/**
 * Programs with which packages enable and start services. While apt runs here, they do nothing: the lab starts its own
 * servers in its own namespaces, and the services of this machine must not change.
 */
const serviceHelpers = [
  "/usr/bin/deb-systemd-helper",
  "/usr/bin/deb-systemd-invoke",
  "/usr/sbin/invoke-rc.d",
  "/usr/sbin/update-rc.d",
];

/**
 * Installs the Debian packages that this machine lacks. Neither /etc/apt nor the services of the machine change.
 *
 * @throws Error with apt's own words, if apt can't install a package
 */
export async function ensurePackages(say: (line: string) => void): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;

  say(`missing: ${missing.join(" ")}`);
  const apt = await privateApt();
  await asRoot("apt-get", ...apt, "--error-on=any", "update");
  const install = [
    "apt-get",
    ...apt,
    "-o",
    "Dpkg::Use-Pty=0",
    "--quiet=2",
    "install",
    "--yes",
    "--no-install-recommends",
    ...missing,
  ];
  // In a mount namespace, so that the mounts end with apt.
  const quiet = `for helper in ${serviceHelpers.join(" ")}; do mount --bind /bin/true "$helper"; done; exec "$@"`;
  const environment = ["env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"];
  await saying(["unshare", "--mount", "sh", "-euc", quiet, "sh", ...environment, ...install], say);
}

/** The needed packages that are not installed or too old. */
export async function missingPackages(): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own variables
  const format = "${Package}\t${db:Status-Status}\t${Version}\n";
  const rows = (await run("dpkg-query", ["--show", `--showformat=${format}`]))
    .split("\n")
    .map((row) => row.split("\t"));
  const installed = new Map(
    rows.filter(([, status]) => status === "installed").map(([name, , version]) => [name, version]),
  );
  const missing: string[] = [];
  for (const [name, atLeast] of Object.entries(wanted)) {
    const version = installed.get(name);
    if (version === undefined || !(await isAtLeast(version, atLeast))) missing.push(name);
  }
  return missing;
}

async function isAtLeast(version: string, wanted: string): Promise<boolean> {
  if (wanted === "") return true;
  try {
    await run("dpkg", ["--compare-versions", version, "ge", wanted]);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 1) return false;
    throw error;
  }
}

/** Runs a long command as root; `say` gets each line of its output. */
async function saying(argv: readonly [string, ...string[]], say: (line: string) => void): Promise<void> {
  const [program, ...args] = rootCommand(argv);
  const process = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    createInterface(stream).on("line", (line) => {
      lines.push(line);
      say(line);
    });
  }
  const [code] = await once(process, "close");
  if (code !== 0) throw new Error(`apt-get ended with ${code}:\n${lines.slice(-15).join("\n")}`);
}
