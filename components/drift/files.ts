import { type KeptFiles, ofPackage, restored } from "../machine/kept-files";
import { digestOf, fileAt, pythonOf, textOf } from "../machine/program-text";
import type { Action } from "../machine/runner";
import type { DialTarget } from "./dial";
import { expectOwnInputs, mistakesIn, notAsMeant } from "./mistakes";
import { nameOf, plain } from "./properties";
import type { RunOn } from "./run-on";
import type { Kind } from "./scripts";

/** What the state has of a `NodeFiles`. */
interface Files {
  readonly connection: DialTarget;
  readonly files: KeptFiles;
  /** Digest of the program that writes. */
  readonly writer: string;
  readonly before?: { readonly script: string; readonly digest: string; readonly stdin?: string };
  readonly onChange?: readonly object[];
  readonly owner?: string;
  readonly removedOnDelete?: boolean;
}

const writer = "write-files.py";

/** The provider of `NodeFiles`: its files are written by `node-config/write-files.py`. */
export function filesProvider(runOn: RunOn): Kind {
  return {
    async check(_urn, _olds, news) {
      const { connection, files, before, writer: digest } = plain<Files>(news);
      // A preview may not know the files yet.
      const sources = typeof files === "object" ? ofPackage(files) : [];
      const named = [
        { property: "writer", paths: [writer], digest, read: () => digestOf(pythonOf(writer)) },
        ...sources.map(({ source: path, digest }) => ({
          property: "files",
          paths: [path],
          digest,
          read: () => digestOf(fileAt(path)),
        })),
        ...(before
          ? [
              {
                property: "before",
                paths: [before.script],
                digest: before.digest,
                read: () => digestOf(textOf(before.script)),
              },
            ]
          : []),
      ];
      return { inputs: news, failures: [...mistakesIn(connection), ...notAsMeant(named)] };
    },
    async create(urn, inputs) {
      await write(urn, "create", plain(inputs));
      return { id: nameOf(urn), outs: {} };
    },
    async update(_id, urn, _olds, news) {
      await write(urn, "update", plain(news));
      return { outs: {} };
    },
    async read(id) {
      return { id, props: {} };
    },
    async delete(_id, urn, props) {
      expectOwnInputs(nameOf(urn), props);
      const files = plain<Files>(props);
      if (files.removedOnDelete) await write(urn, "delete", { ...files, files: {} });
    },
  };

  async function write(urn: string, action: Action, wanted: Files): Promise<void> {
    const { connection, files, before, owner, onChange = [] } = wanted;
    const stdin = JSON.stringify({
      set: nameOf(urn),
      owner,
      before: before && { ...before, lines: textOf(before.script).split("\n"), stdin: before.stdin ?? "" },
      files: restored(files),
      onChange,
    });
    await runOn(urn, connection, { name: writer, action, texts: [pythonOf(writer)], language: "python", stdin });
  }
}
