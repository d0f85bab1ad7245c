import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { z } from "zod";
import { readManifest } from "../components/network/manifest-source";
import { schema } from "./schema";

const supplyIndex = z.object({
  packages: z.record(z.string(), z.string()),
  images: z.record(z.string(), z.string()),
});

const { manifest, manifestSha256 } = schema.shape.network.shape.calico.shape;

/**
 * Reads the files that settings name: parsing settings with this schema gives the content of each file in the place of
 * its name. A file that cannot be read is an issue with the code `custom`; other issues are those of schema.ts too.
 */
export const namedFiles = z.object({
  ssh: z.object({
    privateKeyFile: textFile("make a key pair with `ssh-keygen -t ed25519`, or name the private key that you have"),
    publicKeyFile: textFile("write it with `ssh-keygen -y -f <private key>`, or name the public key that you have"),
  }),
  supply: z.object({
    index: textFile("name the supply.json of the mirror that nodes install from").transform((text, context) =>
      orIssue(context, "", () => parseIndex(text)),
    ),
    packages: z.array(
      z.object({
        signedByFile: textFile("write the key that signs the repository there with `gpg --armor --export <key>`"),
      }),
    ),
  }),
  network: z.object({
    calico: z.object({ manifest, manifestSha256 }).transform(({ manifest, manifestSha256 }, context) => {
      const wayOut = "name Calico's calico.yaml, as a file or as an https:// address that answers from here";
      return orIssue(context, wayOut, () => readManifest(manifest, manifestSha256), ["manifest"]);
    }),
  }),
});

export type NamedFiles = z.infer<typeof namedFiles>;

/** `~` is the home directory. */
function textFile(wayOut: string) {
  return z
    .string()
    .transform((name, context) =>
      orIssue(context, wayOut, () => readFile(name.replace(/^~(?=\/)/, homedir()), "utf8")),
    );
}

function parseIndex(text: string): z.infer<typeof supplyIndex> {
  try {
    return supplyIndex.parse(JSON.parse(text));
  } catch {
    throw new Error(
      'is not the index of a supply; name a supply.json: { "packages": { name: version }, "images": { name: digest } }',
    );
  }
}

/** What `read` gives, or an issue that says why it gives nothing. */
async function orIssue<T>(
  context: z.RefinementCtx,
  wayOut: string,
  read: () => T | Promise<T>,
  path: string[] = [],
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    context.addIssue({ code: "custom", path, message: sentence(error as Error, wayOut) });
    return z.NEVER;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "you may not read this file",
  EISDIR: "this is a directory",
};

/** Errors of the file system and of the network get the way out; those that this program throws have one already. */
function sentence(error: NodeJS.ErrnoException, wayOut: string): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  if (!code && !error.cause) return message;
  return `${reasons[code ?? ""] ?? (message || code)}; ${wayOut}`;
}
