import { copyFile, link, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cached } from "../cache";
import { describePiece, fileOf, findPieces, type Piece, type PieceName, providers } from "./pieces";
import { sdkVersion } from "./stand-ins";

/** A provider plugin as the engine finds it: by the version of the SDK that the program imports. */
export interface Plugin {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly official: boolean;
  /** What it reads when it starts, beside its own directory. @default - nothing */
  readonly reads?: readonly string[];
}

/** Pulumi on this machine: each piece official, or kjerne's own. */
export interface Engine {
  /** The CLI, the language host and the providers, and where each comes from. */
  readonly pieces: readonly Piece[];
  /** How a user starts the CLI: `pulumi` where it is official, else its path, because it is on nobody's PATH. */
  readonly cli: string;
  /** Directory with the pieces that are not official; goes to the front of PATH. */
  readonly binDirectory: string;
  readonly plugins: readonly Plugin[];
  /** Environment variables for every process that runs `pulumi`. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Takes each piece that is official, and builds the others or takes them from the cache: the Pulumi CLI, the Node.js
 * language host and the providers that kjerne uses.
 *
 * @param say Gets a line for each piece, and the progress of builds.
 */
export async function ensureEngine(say: (line: string) => void, pieces?: readonly Piece[]): Promise<Engine> {
  const found = pieces ?? (await findPieces());
  const files = new Map<PieceName, string>();
  for (const piece of found) {
    say(describePiece(piece));
    files.set(piece.name, await fileOf(piece, say));
  }
  const isOfficial = (name: PieceName) => found.some((piece) => piece.name === name && piece.official);
  const file = (name: PieceName) => files.get(name) as string;

  const binDirectory = await cached("engine", [file("pulumi"), file("language host")], async (directory) => {
    // The CLI uses the language host that lies beside its own file: hence a second name for it, not a link to it.
    if (!isOfficial("pulumi")) await link(file("pulumi"), join(directory, "pulumi"));
    const languageHost = join(directory, "pulumi-language-nodejs");
    if (!isOfficial("language host")) await copyFile(file("language host"), languageHost);
    else if (!isOfficial("pulumi")) await symlink(file("language host"), languageHost);
  });
  const plugins = providers.map(async (name) => ({
    name,
    version: await sdkVersion(name),
    file: file(`${name} provider`),
    official: isOfficial(`${name} provider`),
  }));
  return {
    pieces: found,
    cli: isOfficial("pulumi") ? "pulumi" : join(binDirectory, "pulumi"),
    binDirectory,
    plugins: [...(await Promise.all(plugins)), await ownPlugin()],
    env: {
      PATH: [binDirectory, process.env.PATH].join(delimiter),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Without this, the CLI tries five times to download each plugin it cannot find.
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    },
  };
}

/** The provider of kjerne's own resources, which comes with the program: no engine can download it. */
async function ownPlugin(): Promise<Plugin> {
  const repository = join(__dirname, "../..");
  const { version } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as { version: string };
  const file = join(repository, "components/drift/pulumi-resource-kjerne-drift");
  const reads = ["components", "node-config", "node_modules", "package.json"].map((name) => join(repository, name));
  return { name: "kjerne-drift", version, file, official: false, reads };
}

/** Links plugins into a PULUMI_HOME, the one place from which the CLI takes them without a warning. */
export async function linkPlugins({ plugins }: Pick<Engine, "plugins">, pulumiHome: string): Promise<void> {
  for (const { name, version, file } of plugins) {
    const directory = join(pulumiHome, `plugins/resource-${name}-v${version}`);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await symlink(file, join(directory, `pulumi-resource-${name}`));
  }
}
