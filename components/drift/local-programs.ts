import { spawn } from "node:child_process";
import { extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { type ProgramName, programs, withKeys } from "../verify/programs";
import { eachLine } from "./lines";
import { nameOf, plain } from "./properties";
import type { Kind } from "./scripts";

/** What the state has of a `LocalProgram`. */
interface Program {
  readonly program: ProgramName;
  readonly stdin: string;
}

/**
 * The provider of `LocalProgram`. Each runs in a process of its own, which an interrupt ends: what it has started on
 * machines goes on there.
 *
 * @param show Shows a line beside a resource while the engine works on it.
 */
export function programProvider(show: (urn: string, line: string) => void, signal: AbortSignal): Kind {
  return {
    async check(_urn, _olds, news) {
      const { program } = plain<Program>(news);
      const reason = `the provider has no program ${program}, but ${programs.join(", ")}; have \`plugins\` in Pulumi.yaml name the package that the program imports`;
      return { inputs: news, failures: programs.includes(program) ? [] : [{ property: "program", reason }] };
    },
    async create(urn, inputs) {
      return { id: nameOf(urn), outs: await run(urn, plain(inputs)) };
    },
    async update(_id, urn, _olds, news) {
      return { outs: await run(urn, plain(news)) };
    },
    async read(id, _urn, { stdout }) {
      return { id, props: { stdout } };
    },
    async delete() {},
  };

  async function run(urn: string, { program, stdin }: Program): Promise<{ stdout: string }> {
    const file = `${program}${kind}`;
    const child = spawn(process.execPath, [...loader, join(__dirname, "..", file)], {
      stdio: "pipe",
      signal,
    });
    // When it ends early, its exit status tells more than EPIPE.
    child.stdin.on("error", () => {}).end(withKeys(stdin));
    const errors: string[] = [];
    const flooded = () => void child.kill();
    eachLine(child.stderr, flooded, (line) => {
      errors.push(line);
      show(urn, line);
    });
    const ended = new Promise<string | number | null>((resolve, reject) => {
      child.on("error", (error) => reject(signal.aborted ? signal.reason : error));
      child.on("close", (code, killedBy) => resolve(killedBy ?? code));
    });
    const [printed, status] = await Promise.all([text(child.stdout), ended]);
    if (status !== 0) throw new Error(`${file} failed with status ${status}:\n${errors.join("\n")}`);
    return { stdout: printed };
  }
}

/** TypeScript in a checkout, JavaScript in the package. */
const kind = extname(__filename);
const loader = kind === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];
