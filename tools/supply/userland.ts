import { join } from "node:path";
import { cached } from "../cache";
import { asRoot } from "../run";
import type { AptRepository } from "./apt-repository";

/**
 * A layer of Debian programs for images that call them, as a tar archive. The packages are unpacked and not set up:
 * nothing runs in it at build time, so what their scripts would have done is named here.
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
      // Others need programs, settings of the kernel or a home directory that not every machine has.
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
  // This machine's, which mmdebstrap copies in.
  "etc/hostname etc/resolv.conf etc/apt/sources.list",
  "etc/init.d etc/service etc/runit etc/sv etc/pam.d etc/cron.daily usr/lib/systemd usr/bin/perl* usr/sbin/arpd",
  "usr/share/{doc,man,info,locale,perl,lintian,bash-completion,debconf,i18n,common-licenses,bird}",
  "usr/lib/x86_64-linux-gnu/{perl*,gconv}",
].join(" ");

const finish = [
  `cd "$1" && bash -c "rm -rf ${unused}"`,
  'cd "$1" && mkdir -p run root && ln -s /run var/run',
  // What update-alternatives would point to: the nftables back end, as on the node itself.
  'cd "$1/usr/sbin" && for name in iptables ip6tables; do for tool in "" -save -restore; do ln -s xtables-nft-multi $name$tool; done; done',
  // A shell and the small tools that start scripts call, wherever no package has brought the full one.
  'for name in $(chroot "$1" busybox --list); do [ -e "$1/usr/bin/$name" ] || [ -e "$1/usr/sbin/$name" ] || ln -s busybox "$1/usr/bin/$name"; done',
];
