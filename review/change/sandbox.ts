import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../tools/engine/engine";
import { run } from "../../tools/run";
import { calicoFiles } from "../../tools/supply/calico-files";
import { expectConfinement } from "./confinement";
import type { Substitutes } from "./placeholders";

/** A temporary place for previews: an engine with keys, secrets and a backend that no real stack uses. */
export interface Sandbox {
  readonly engine: Engine;
  /** What only the judge reads and writes: backends, event logs, packs. A program under review does not see it. */
  readonly directory: string;
  /** What a program under review may read: placeholders of keys and of the supply. */
  readonly shown: string;
  /** What a program under review may write: its home and temporary files. */
  readonly scratch: string;
  readonly substitutes: Omit<Substitutes, "index">;
  /** The value of every secret in a preview; it opens nothing. */
  readonly secret: string;
  /** Names of the images in Calico's manifest, which the index of the supply lists in a preview. */
  readonly calicoImages: readonly string[];
  /** Ends every command in the sandbox. */
  readonly stopped: AbortSignal;
  /** The environment of `pulumi`, without what differs between previews. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Variables of the caller that a preview gets. It gets no others: the program under review may be a stranger's and
 * could print them.
 */
const kept = ["LANG", "LC_ALL", "SystemRoot", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/** Has the form of an archive's key; a preview verifies nothing by it. */
const archiveKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${"A".repeat(64)}\n-----END PGP PUBLIC KEY BLOCK-----\n`;

/**
 * Makes a sandbox, calls `use` with it and removes it: home, keys, passphrase, backend.
 *
 * @throws Error if this machine can't confine a program
 */
export async function inSandbox<T>(
  engine: Engine,
  stopped: AbortSignal,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  await expectConfinement();
  const directory = await mkdtemp(join(tmpdir(), "kjerne-review-"));
  const at = (name: string) => join(directory, name);
  const shown = at("shown");
  try {
    for (const name of ["shown", "scratch/home", "scratch/tmp"]) await mkdir(at(name), { recursive: true });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(shown, "key")]);
    await writeFile(join(shown, "archive.asc"), archiveKey);
    await writeFile(at("passphrase"), randomBytes(16).toString("hex"), { mode: 0o600 });
    // Of the version that the supply builds. For another version, the preview reads the file that the settings name.
    const { manifest } = await calicoFiles();
    const calico = await readFile(manifest, "utf8");
    await writeFile(join(shown, "calico.yaml"), calico);
    const own = kept.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : []));
    return await use({
      engine,
      directory,
      shown,
      scratch: at("scratch"),
      stopped,
      secret: `placeholder-${randomBytes(8).toString("hex")}`,
      substitutes: {
        privateKeyFile: join(shown, "key"),
        publicKeyFile: join(shown, "key.pub"),
        archiveKeyFile: join(shown, "archive.asc"),
        hostKey: (await readFile(join(shown, "key.pub"), "utf8")).trim(),
        manifests: new Map([[createHash("sha256").update(calico).digest("hex"), join(shown, "calico.yaml")]]),
      },
      calicoImages: [...new Set([...calico.matchAll(/^ +image: (\S+)$/gm)].map(([, image]) => image as string))],
      env: {
        ...Object.fromEntries(own),
        ...engine.env,
        PULUMI_CONFIG_PASSPHRASE_FILE: at("passphrase"),
        PULUMI_DEBUG_COMMANDS: "true", // for --event-log
        PULUMI_NODEJS_TRANSPILE_ONLY: "true", // `make check` checks types
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
