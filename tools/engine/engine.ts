import { copyFile, link, mkdir, rm, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cached } from "../cache";
import { buildKubernetesProvider, buildPulumi, kubernetesProviderVersion, pulumiVersion } from "./go-modules";
import { officialLanguageHost, officialPlugin, onPath } from "./official";
import { buildStandIn, sdkVersion } from "./stand-ins";

type Say = (line: string) => void;

/** A provider plugin as the engine finds it: by the version of the SDK that the program imports. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

/** Pulumi on this machine, official or ours piece by piece. */
export interface Engine {
  /** Goes to the front of PATH; holds what is not official. */
  readonly binDirectory: string;
  readonly plugins: readonly Plugin[];
  /** Variables for whatever runs `pulumi`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds or makes the Pulumi CLI, the Node.js language host and the providers that kjerne uses. The official piece is
 * taken wherever there is one; a line says which piece is which. Nothing is built twice.
 */
export async function ensureEngine(say: Say): Promise<Engine> {
  const officialPulumi = await onPath("pulumi");
  say(`pulumi: ${officialPulumi ?? `built here, ${pulumiVersion}`}`);
  const pulumi = officialPulumi ?? (await buildPulumi(say));

  const officialHost = await officialLanguageHost(officialPulumi);
  say(`language host: ${officialHost ?? "stand-in"}`);
  const languageHost = officialHost ?? (await buildStandIn("pulumi-language-nodejs"));

  const plugins = [
    await plugin("command", officialPulumi, say, "stand-in", () => buildStandIn("pulumi-resource-command")),
    await plugin("random", officialPulumi, say, "stand-in", () => buildStandIn("pulumi-resource-random")),
    await plugin("kubernetes", officialPulumi, say, `built here, ${kubernetesProviderVersion}`, (version) =>
      buildKubernetesProvider(version, say),
    ),
  ];

  const binDirectory = await cached("engine", [pulumi, languageHost], async (directory) => {
    // The CLI takes the language host beside its own file for its own: hence a second name for it, not a link to it.
    if (!officialPulumi) await link(pulumi, join(directory, "pulumi"));
    if (!officialHost) await copyFile(languageHost, join(directory, "pulumi-language-nodejs"));
    else if (!officialPulumi) await symlink(languageHost, join(directory, "pulumi-language-nodejs"));
  });
  return {
    binDirectory,
    plugins,
    env: {
      PATH: [binDirectory, process.env.PATH].join(delimiter),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Without this, the CLI tries five times to download each plugin it cannot find.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** Lays the plugins out in a PULUMI_HOME of one's own, where the CLI takes them without a word. */
export async function linkPlugins(engine: Engine, pulumiHome: string): Promise<void> {
  for (const { name, version, file } of engine.plugins) {
    const directory = join(pulumiHome, `plugins/resource-${name}-v${version}`);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await symlink(file, join(directory, `pulumi-resource-${name}`));
  }
}

async function plugin(
  name: string,
  officialPulumi: string | undefined,
  say: Say,
  ours: string,
  make: (sdkVersion: string) => Promise<string>,
): Promise<Plugin> {
  const version = await sdkVersion(name);
  const official = await officialPlugin(name, version, officialPulumi);
  say(`${name} provider: ${official ?? ours}`);
  return { name, version, file: official ?? (await make(version)) };
}
