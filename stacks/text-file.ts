import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { z } from "zod";
import type { Rule } from "../node-config/values/rule";

/**
 * Parses the name of a file, where `~` is the home directory, into its content.
 *
 * @param wayOut What to do where it can't be read.
 * @param rules What else is wrong with the content.
 */
export function textFile(wayOut: string, rules: readonly Rule[] = []) {
  return z.string().transform((name, context) =>
    orIssue(context, wayOut, async () => {
      const content = (await readFile(name.replace(/^~(?=\/)/, homedir()), "utf8")).replace(/^\uFEFF/, "");
      const message = rules.map((rule) => rule(content)).find((one) => one !== undefined);
      if (message) throw new Error(message);
      return content;
    }),
  );
}

/** What `read` gives, or an issue that says why it gives nothing. */
export async function orIssue<T>(
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
  ENOTDIR: "there is no such file",
  EACCES: "you may not read this file",
  EISDIR: "this is a directory",
};

/** Errors of the file system and of the network get the way out; those that this program throws have one already. */
function sentence(error: NodeJS.ErrnoException, wayOut: string): string {
  const { code, message } = (error.cause ?? error) as NodeJS.ErrnoException;
  if (!code && !error.cause) return message;
  return `${reasons[code ?? ""] ?? (message || code)}; ${wayOut}`;
}
