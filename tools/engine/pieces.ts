import { buildKubernetesProvider, buildPulumi, kubernetesProviderVersion, pulumiVersion } from "./go-modules";
import { officialLanguageHost, officialPlugin, onPath } from "./official";
import { buildStandIn, sdkVersion } from "./stand-ins";

type Say = (line: string) => void;

/** One of the programs that Pulumi consists of on this machine, and where it comes from. */
export interface Piece {
  readonly name: PieceName;
  /** Whether Pulumi released it. One that is built here, from Pulumi's own Go modules too, is not official. */
  readonly official: boolean;
  /** File of an official piece; else what takes its place, in a few words. */
  readonly is: string;
}

/** What takes the place of each piece that is not official. */
const substitutes = {
  pulumi: { is: `built here from Go modules, ${pulumiVersion}`, build: buildPulumi },
  "language host": { is: "kjerne's stand-in", build: () => buildStandIn("pulumi-language-nodejs") },
  "command provider": { is: "kjerne's stand-in", build: () => buildStandIn("pulumi-resource-command") },
  "random provider": { is: "kjerne's stand-in", build: () => buildStandIn("pulumi-resource-random") },
  "kubernetes provider": {
    is: `built here from Go modules, ${kubernetesProviderVersion}`,
    build: async (say: Say) => buildKubernetesProvider(await sdkVersion("kubernetes"), say),
  },
};
export type PieceName = keyof typeof substitutes;

/** The providers that kjerne uses. */
export const providers = ["command", "random", "kubernetes"] as const;

/** Looks for the official pieces, and has an official CLI download official providers. Builds nothing. */
export async function findPieces(): Promise<Piece[]> {
  const cli = await onPath("pulumi");
  const pieces = [piece("pulumi", cli), piece("language host", await officialLanguageHost(cli))];
  for (const provider of providers) {
    const { file, failure } = await officialPlugin(provider, await sdkVersion(provider), cli);
    pieces.push(piece(`${provider} provider`, file, failure));
  }
  return pieces;
}

function piece(name: PieceName, official: string | undefined, failure?: string): Piece {
  const why = failure === undefined ? "" : `, since the official one could not be downloaded: ${failure}`;
  return { name, official: official !== undefined, is: official ?? `${substitutes[name].is}${why}` };
}

/** The file of a piece. One that is not official is built, unless it is in the cache. */
export async function fileOf({ name, official, is }: Piece, say: Say): Promise<string> {
  return official ? is : substitutes[name].build(say);
}

export const describePiece = ({ name, official, is }: Piece): string =>
  `${name}: ${official ? "official" : "not official"}, ${is}`;

/** Which pieces serve a run, in one line. */
export function describePieces(pieces: readonly Piece[]): string {
  const others = pieces.filter(({ official }) => !official).map(({ name }) => name);
  return others.length ? `not official: ${others.join(", ")}` : "all official";
}
