import { join } from "node:path";
import { cached } from "../cache";
import { asRoot } from "../run";
import type { AptRepository } from "./apt-repository";

/**
 * A tar archive with a layer of Debian programs, for images that call them. The packages are unpacked and their scripts
 * do not run; `finish` does what they would have done.
 */
export async function buildUserland(
  repository: AptRepository,
  packages: readonly string[],
  say: (line: string) => void,
): Promise<string> {
  const inputs = [repository.debian, repository.suite, ...packages, ...finish];
  const directory = await cached("userland", inputs, async (unfinished) => {
    say("userland for images");
    const source = `deb [signed-by=${repository.key}] copy:${repository.directory} ${repository.suite} main`;
    const options = [
      "--quiet",
      // Other modes need programs, kernel settings or a home directory that not every machine has.
      "--mode=root",
      "--variant=extract",
      '--aptopt=APT::Sandbox::User "root"',
      "--format=tar",
      `--include=${packages.join(",")}`,
    ];
    const hooks = [
      "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
      ...finish.map((line) => `--extract-hook=${line}`),
    ];
    const what = [...options, ...hooks, repository.suite, join(unfinished, "layer.tar"), source];
    await asRoot("env", "SOURCE_DATE_EPOCH=0", "mmdebstrap", ...what);
  });
  return join(directory, "layer.tar");
}

const unused = [
  // Files of this machine that mmdebstrap copies in.
  "etc/hostname etc/resolv.conf etc/apt/sources.list",
  "etc/init.d etc/service etc/runit etc/sv etc/pam.d etc/cron.daily usr/lib/systemd usr/bin/perl* usr/sbin/arpd",
  "usr/share/{doc,man,info,locale,perl,lintian,bash-completion,debconf,i18n,common-licenses,bird}",
  "usr/lib/x86_64-linux-gnu/{perl*,gconv}",
].join(" ");

const finish = [
  `cd "$1" && bash -c "rm -rf ${unused}"`,
  'cd "$1" && mkdir -p run root && ln -s /run var/run',
  // Links as update-alternatives would make them, to the nftables back end, as on the node.
  'cd "$1/usr/sbin" && for name in iptables ip6tables; do for tool in "" -save -restore; do ln -s xtables-nft-multi $name$tool; done; done',
  // Links to busybox for the shell and tools that start scripts call, unless a package has brought the full program.
  'for name in $(chroot "$1" busybox --list); do [ -e "$1/usr/bin/$name" ] || [ -e "$1/usr/sbin/$name" ] || ln -s busybox "$1/usr/bin/$name"; done',
];
