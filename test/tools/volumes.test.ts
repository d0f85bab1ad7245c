import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { rootCommand, run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";

/** A machine with a /srv, /mnt and /var/lib/kjerne of its own; at /mnt/nvme0 a disk of 1 GiB where `disk` is mounted. */
const machine = mkdtempSync(join(tmpdir(), "kjerne-volumes-"));
const at = (path: string) => join(machine, path);
beforeEach(() => {
  rmSync(machine, { recursive: true, force: true });
  for (const directory of ["srv", "kjerne"]) mkdirSync(at(directory), { recursive: true });
});
after(() => rmSync(machine, { recursive: true, force: true }));

const script = join(__dirname, "../../node-config/volumes/make.sh");
async function make(volumes: readonly (readonly [directory: string, sizeGiB: number])[], disk: "mounted" | "missing") {
  const inside = `
    mount --bind "$0/srv" /srv
    mkdir -p /var/lib/kjerne
    mount --bind "$0/kjerne" /var/lib/kjerne
    if [[ $2 == mounted ]]; then mkdir -p /mnt; mount -t tmpfs none /mnt; mkdir /mnt/nvme0; mount -t tmpfs -o size=1100m none /mnt/nvme0; fi
    bash "$1" create`;
  const [program, ...args] = rootCommand(["unshare", "--mount", "bash", "-euc", inside, machine, script, disk]);
  const input = JSON.stringify({ volumes: volumes.map(([directory, sizeGiB]) => ({ directory, sizeGiB })) });
  return run(program, args, { input }).catch(onlyWhatItSaid);
}

test("each directory is made, for root alone until kubelet gives it to a pod, and a second run changes nothing", async () => {
  await make([["/srv/volumes/a", 1]], "missing");
  writeFileSync(at("srv/volumes/a/data"), "kept");
  assert.equal(statSync(at("srv/volumes")).mode & 0o777, 0o700);
  await make(
    [
      ["/srv/volumes/a", 1],
      ["/srv/volumes/b", 1],
      ["/mnt/nvme0/c", 1],
    ],
    "mounted",
  );
  assert.ok(existsSync(at("srv/volumes/b")) && existsSync(at("srv/volumes/a/data")));
});

const refusals: readonly [what: string, volumes: Parameters<typeof make>[0], told: RegExp][] = [
  [
    "a directory below /mnt where nothing is mounted",
    [["/mnt/nothing/a", 1]],
    /\/mnt\/nothing\/a is on the system's own disk.*fstab/,
  ],
  [
    "sizes for which there is no room",
    [["/srv/volumes/b", 99_999]],
    /new volumes ask for 100000 GiB and .* GiB free: make sizeGiB smaller/,
  ],
];
for (const [what, volumes, told] of refusals)
  test(`${what}: refused, and no other volume is made`, async () => {
    await assert.rejects(make([["/srv/volumes/a", 1], ...volumes], "missing"), told);
    assert.ok(!existsSync(at("srv/volumes")));
  });

test("files that lie in a directory are not given to whoever claims the volume", async () => {
  mkdirSync(at("srv/volumes/a"), { recursive: true });
  writeFileSync(at("srv/volumes/a/theirs"), "");
  await assert.rejects(make([["/srv/volumes/a", 1]], "missing"), /\/srv\/volumes\/a has files in it/);
});

test("a disk that is not mounted any more is told, and no empty directory takes its place", async () => {
  await make([["/srv/volumes/a", 1]], "missing");
  rmSync(at("srv/volumes"), { recursive: true });
  await assert.rejects(make([["/srv/volumes/a", 1]], "missing"), /\/srv\/volumes\/a is not there any more/);
  assert.ok(!existsSync(at("srv/volumes")));
});

test("a volume that leaves the settings keeps its files, and is refused while they are there", async () => {
  await make([["/srv/volumes/a", 1]], "missing");
  writeFileSync(at("srv/volumes/a/data"), "kept");
  assert.match(await make([], "missing"), /^\/srv\/volumes\/a stays as it is, with its files/);
  await assert.rejects(make([["/srv/volumes/a", 1]], "missing"), /has files in it/);
  rmSync(at("srv/volumes/a/data"));
  await make([["/srv/volumes/a", 1]], "missing");
});
