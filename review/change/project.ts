import { parse, stringify } from "yaml";

/** A project file for a preview, made from what a commit's own `Pulumi.yaml` may decide there. */
export interface Project {
  readonly text: string;
  /** Keys of the commit's file that the preview leaves out, since they choose what runs beside the program. */
  readonly leftOut: readonly string[];
}

const taken = ["name", "description", "main", "stackConfigDir"];

/**
 * Takes name and program from a `Pulumi.yaml`. Left out are options of the runtime, plugins and packages, which can
 * name a program to start outside of its confinement, and the backend, which a preview does not use.
 *
 * @param own Leaves out `stackConfigDir` too, for a directory where a stack's settings lie beside the project file.
 * @throws Error if the text is no project of Node.js
 */
export function projectFor(text: string, own = false): Project {
  const project = (parse(text) ?? {}) as Record<string, unknown>;
  const { runtime } = project;
  const name = typeof runtime === "object" && runtime !== null ? (runtime as { name?: unknown }).name : runtime;
  if (name !== "nodejs")
    throw new Error(`Pulumi.yaml: runtime is ${name}; the review previews programs of nodejs only`);
  const options = Object.keys((runtime as { options?: object }).options ?? {}).map((key) => `runtime.options.${key}`);
  const others = Object.keys(project).filter((key) => key !== "runtime" && !taken.includes(key));
  const kept = taken.filter((key) => key in project && !(own && key === "stackConfigDir"));
  return {
    text: stringify({ ...Object.fromEntries(kept.map((key) => [key, project[key]])), runtime: "nodejs" }),
    leftOut: [...others, ...options],
  };
}
