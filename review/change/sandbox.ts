import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, linkPlugins } from "../../tools/engine/engine";
import { run } from "../../tools/run";
import { calicoFiles } from "../../tools/supply/calico-files";
import type { Substitutes } from "./placeholders";

/** A place where stacks can be previewed that nobody will ever bring up. */
export interface Sandbox {
  readonly directory: string;
  readonly substitutes: Omit<Substitutes, "index">;
  /** Stands for every secret; means nothing to anybody. */
  readonly secret: string;
  /** Names of the images in Calico's manifest: what a supply is taken to hold. */
  readonly calicoImages: readonly string[];
  /** Ends what runs in the sandbox. */
  readonly stopped: AbortSignal;
  /** All that `pulumi` gets of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Variables of the caller's that a preview needs. All others stay behind: the program that is reviewed may be a
 * stranger's, and could print what it finds.
 */
const kept = ["LANG", "LC_ALL", "SystemRoot", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/** Makes a sandbox, gives it to `use` and removes it: home, keys, passphrase, backend. */
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
    await writeFile(at("passphrase"), randomBytes(16).toString("hex"), { mode: 0o600 });
    // Calico's manifest of the version that the supply builds. Another version's is read from where the settings say.
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
        PULUMI_NODEJS_TRANSPILE_ONLY: "true", // `make check` looks at types
      },
    });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
