import { entriesAt } from "../reading";
import { type Resource, unknown } from "../rule";
import { type Call, callsIn } from "./shell";

/** A call of a program in one property of a command. */
export interface Called extends Call {
  readonly urn: string;
  /** `create`, `stdin`. */
  readonly field: string;
  /** Name of the program without its folder. A `$` in it means that it can't be read. */
  readonly program: string;
  readonly args: readonly string[];
}

export const isCommand = ({ type }: Resource): boolean => type.startsWith("command:");
export const lineFields = ["create", "update", "delete", "command"];
const shells = ["sh", "bash", "dash", "ash"];

/** A cache, since several rules ask. */
const found = new WeakMap<Resource, Called[]>();

/** Every call in the command lines of a resource and, where a shell reads it, in its stdin. */
export function callsOf(resource: Resource): Called[] {
  const calls = found.get(resource) ?? read(resource);
  found.set(resource, calls);
  return calls;
}

function read(resource: Resource): Called[] {
  if (!isCommand(resource)) return [];
  const { urn, properties } = resource;
  const text = (field: string) => {
    const value = properties[field];
    return typeof value === "string" ? value : "";
  };
  const lines = lineFields.flatMap((field) => calledIn(urn, field, text(field)));
  const readsStdin = lines.some(
    ({ program, args }) => shells.includes(program) && args.every((arg) => /^-[^c]*$/.test(arg)),
  );
  return [...lines, ...(readsStdin ? calledIn(urn, "stdin", text("stdin")) : [])];
}

function calledIn(urn: string, field: string, text: string): Called[] {
  return callsIn(text)
    .map(unwrapped)
    .flatMap((call) => {
      const [program = "", ...args] = call.words;
      const script = shells.includes(nameOf(program))
        ? args[args.findIndex((arg) => /^-\w*c$/.test(arg)) + 1]
        : undefined;
      const isScript = script !== undefined && args.some((arg) => /^-\w*c$/.test(arg));
      return [
        { ...call, urn, field, program: nameOf(program), args },
        ...(isScript ? calledIn(urn, field, script) : []),
      ];
    });
}

const nameOf = (program: string) => program.split("/").at(-1) ?? "";

/** Programs that only start another one, and their options that take a value. */
const wrappers: Readonly<Record<string, string>> = {
  sudo: "-u -g -C -D -h -p",
  env: "-u -C -S",
  timeout: "-k -s",
  nohup: "",
  nice: "-n",
  exec: "",
  command: "",
  xargs: "-n -I -P -d",
};

function unwrapped(call: Call): Call {
  const [program = "", ...args] = call.words;
  const options = wrappers[nameOf(program)]?.split(" ");
  if (!options) return call;
  let i = 0;
  while (i < args.length && (/^-/.test(args[i] ?? "") || /^\w+=/.test(args[i] ?? "")))
    i += options.includes(args[i] ?? "") ? 2 : 1;
  if (nameOf(program) === "timeout") i++;
  const variables = args.slice(0, i).flatMap((arg) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(arg) ?? [];
    return name === undefined ? [] : [{ name, value: value ?? "" }];
  });
  const rest = args.slice(i);
  return rest.length === 0 ? call : unwrapped({ ...call, words: rest, variables: [...call.variables, ...variables] });
}

/** Variables that a command sets, in its lines or by its property `environment`. */
export function variablesOf(resource: Resource): { field: string; name: string; value: string }[] {
  const ofLines = callsOf(resource).flatMap(({ field, variables }) => variables.map((one) => ({ field, ...one })));
  const given = entriesAt(resource.properties, "environment").flatMap(({ field, name, value }) =>
    value !== unknown && typeof value === "string" ? [{ field, name, value }] : [],
  );
  return [...ofLines, ...given];
}
