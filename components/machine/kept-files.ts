import type { FileSet } from "../../node-config/file-set";
import { digestOf, fileAt, sourceOf } from "./program-text";

/** What the state has of a file that the settings made: its content line by line, so that a preview shows which change. */
export interface LinesOfFile {
  readonly mode: string;
  readonly lines: readonly string[];
}

/** What the state has of a file that the package has: its path below `node-config/`. */
export interface FileOfPackage {
  readonly mode: string;
  readonly source: string;
  readonly digest: string;
}

/** Files as the state has them, by their paths on the machine. */
export type KeptFiles = Readonly<Record<string, LinesOfFile | FileOfPackage>>;

/** Files as the machine records them. Sorted, since a digest is made of it, and the engine keeps no order. */
export type WrittenFiles = Readonly<Record<string, LinesOfFile>>;

/** What the package has word for word, by its path there; but for objects of Kubernetes, which policies read. */
export function kept(files: FileSet): KeptFiles {
  return sorted(files, ({ mode, content }) => {
    const source = /^apiVersion:/m.test(content) ? undefined : sourceOf(content);
    return source ? { mode, source, digest: digestOf(content) } : { mode, lines: content.split("\n") };
  });
}

export function written(files: FileSet): WrittenFiles {
  return sorted(files, ({ mode, content }) => ({ mode, lines: content.split("\n") }));
}

/** With what the package has. */
export function restored(files: KeptFiles): WrittenFiles {
  return sorted(files, (file) => ({
    mode: file.mode,
    lines: "source" in file ? fileAt(file.source).split("\n") : file.lines,
  }));
}

/** The files of the package among them. */
export function ofPackage(files: KeptFiles): FileOfPackage[] {
  return Object.values(files).filter((file) => "source" in file);
}

function sorted<From, To>(files: Readonly<Record<string, From>>, to: (file: From) => To) {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([path, file]) => [path, to(file)]));
}
