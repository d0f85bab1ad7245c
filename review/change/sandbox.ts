import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, linkPlugins } from "../../tools/engine/engine";
import { run } from "../../tools/run";
import { calicoFiles } from "../../tools/supply/calico-files";
import type { Substitutes } from "./placeholders";

/** A temporary place for previews: an engine with keys, secrets and a backend that no real stack uses. */
export interface Sandbox {
  readonly directory: string;
  readonly substitutes: Omit<Substitutes, "index">;
  /** The value of every secret in a preview; it opens nothing. */
  readonly secret: string;
  /** Names of the images in Calico's manifest, which the index of the supply lists in a preview. */
  readonly calicoImages: readonly string[];
  /** Ends every command in the sandbox. */
  readonly stopped: AbortSignal;
  /** The whole environment of `pulumi`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Variables of the caller that a preview gets. It gets no others: the program under review may be a stranger's and
 * could print them.
 */
const kept = ["LANG", "LC_ALL", "SystemRoot", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/** Has the form of an archive's key; a preview verifies nothing by it. */
const archiveKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${"A".repeat(64)}\n-----END PGP PUBLIC KEY BLOCK-----\n`;

/** Makes a sandbox, calls `use` with it and removes it: home, keys, passphrase, backend. */
export async function inSandbox<T>(
  engine: Engine,
  stopped: AbortSignal,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-review-"));
  const at = (name: string) => join(directory, name);
  try {
    await Promise.all(["home", "tmp"].map((name) => mkdir(at(name))));
    await linkPlugins(engine, at("pulumi"));
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", at("key")]);
    await writeFile(at("archive.asc"), archiveKey);
    await writeFile(at("passphrase"), randomBytes(16).toString("hex"), { mode: 0o600 });
    // Of the version that the supply builds. For another version, the preview reads the file that the settings name.
    const { manifest } = await calicoFiles();
    const calico = await readFile(manifest, "utf8");
    const own = kept.flatMap((name) => (process.env[name] ? [[name, process.env[name] as string]] : []));
    return await use({
      directory,
      stopped,
      secret: `placeholder-${randomBytes(8).toString("hex")}`,
      substitutes: {
        privateKeyFile: at("key"),
        publicKeyFile: at("key.pub"),
        archiveKeyFile: at("archive.asc"),
        hostKey: (await readFile(at("key.pub"), "utf8")).trim(),
        manifests: new Map([[createHash("sha256").update(calico).digest("hex"), manifest]]),
      },
      calicoImages: [...new Set([...calico.matchAll(/^ +image: (\S+)$/gm)].map(([, image]) => image as string))],
      env: {
        ...Object.fromEntries(own),
        ...engine.env,
        HOME: at("home"),
        TMPDIR: at("tmp"),
        PULUMI_HOME: at("pulumi"),
        PULUMI_CONFIG_PASSPHRASE_FILE: at("passphrase"),
        PULUMI_DEBUG_COMMANDS: "true", // for --event-log
        PULUMI_NODEJS_TRANSPILE_ONLY: "true", // `make check` checks types
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
