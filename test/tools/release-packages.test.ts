import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";
import { shellQuote } from "../../components/machine/shell";
import { makeMachine } from "./played-machine";

/** With apt and dpkg as they are, on this machine's own packages. */
const machine = makeMachine(["apt-get", "apt-mark", "dpkg", "dpkg-query"]);
after(() => machine.remove());

const input = JSON.stringify({
  ...{ cluster: "oslo", name: "worker1", held: ["kjerne-kubelet"], images: {}, authorities: "", registries: {} },
  ...{ packages: ["kjerne-kubelet=1"], places: ["/etc/kubernetes"] },
  sources: "Types: deb\nURIs: file:/pool\nSuites: ./\nTrusted: yes\n",
});

/** Packages of the pool, and what each depends on. */
const pool = { "kjerne-kubelet": "kjerne-library", "kjerne-library": "", theirs: "", "theirs-too": "kjerne-library" };

/**
 * Runs bash commands on a machine of their own. There: `adopt` and `release`; `theirs NAME`: somebody installs that
 * package of the pool; `packages`: what is installed now and was not at first.
 */
function on(commands: string): string {
  const call = (name: string) =>
    `${name}() { setsid -w bash -c ${shellQuote(textOf(`machine/${name}.sh`))} ${name} <<<${shellQuote(input)}; }`;
  const made = Object.entries(pool).map(([name, depends]) => `make_package ${name} ${depends}`);
  const { status, stdout, stderr } = spawnSync(
    "unshare",
    machine.argv(`
    export LC_ALL=C
    make_package() {
      local tree=/pool/tree/$1 file=/pool/$1.deb
      mkdir -p "$tree/DEBIAN"
      printf '%s\n' "Package: $1" 'Version: 1' 'Architecture: all' 'Maintainer: me <a@b.c>' \
        \${2:+"Depends: $2"} 'Description: one' >"$tree/DEBIAN/control"
      dpkg-deb --build "$tree" "$file" >/dev/null
      { cat "$tree/DEBIAN/control"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$1.deb" "$(stat --format %s "$file")" "$(sha256sum <"$file" | cut -d ' ' -f 1)"
      } >>/pool/Packages
    }
    : >/state/log; : >/state/images; : >/state/links; : >/state/sets; : >/state/tables; : >/state/rules; : >/state/sysctls
    ${made.join("\n")}
    ${call("adopt")}
    ${call("release")}
    theirs() { dpkg --install "/pool/$1.deb" >/dev/null; }
    all() { dpkg-query --show --showformat='\${db:Status-Abbrev} \${Package}\n' | awk '$1 ~ /^.i/ {print $2}' | sort -u; }
    all >/state/first
    packages() { all | comm -13 /state/first - | paste -sd ' '; }
    ${commands}`),
    { encoding: "utf8" },
  );
  assert.equal(status, 0, stderr);
  return stdout;
}

test("a machine that is released keeps what somebody else installed since, and loses what kjerne did, with what that needed", () => {
  const said = on("adopt >/dev/null; theirs theirs; packages; release; packages");
  assert.match(
    said,
    /^kjerne-kubelet kjerne-library theirs\nreleased; what stays: .*packages that somebody else installed: theirs; .*\ntheirs\n$/,
  );
});

test("what somebody else's package has come to need stays, too, and is named", () => {
  const said = on("adopt >/dev/null; theirs theirs-too; release 2>/dev/null; packages");
  assert.match(said, /packages that something else has come to need: kjerne-library ;/);
  assert.match(said, /packages that somebody else installed: theirs-too;/);
  assert.match(said, /\nkjerne-library theirs-too\n$/);
});

test("a machine that an older kjerne took, without a list of its own packages, loses what came until this one takes it", () => {
  const older = "adopt >/dev/null; rm /var/lib/kjerne/machine/own-packages";
  assert.match(on(`${older}; adopt >/dev/null; theirs theirs; release; packages`), /\ntheirs\n$/);
  assert.match(on(`${older}; theirs theirs; release; packages`), /^released; [^\n]*\n\n$/);
});
