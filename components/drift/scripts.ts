import type { provider } from "@pulumi/pulumi";
import { digestOf, isThere, textOf } from "../machine/program-text";
import type { Action } from "../machine/runner";
import type { DialTarget } from "./dial";
import { expectOwnInputs, mistakesIn, notAsMeant } from "./mistakes";
import { nameOf, plain } from "./properties";
import type { RunOn } from "./run-on";

/** What the state has of a `NodeScript`. */
interface Script {
  readonly connection: DialTarget;
  readonly script: string;
  readonly undo?: string;
  /** Of the texts of both. */
  readonly digest: string;
  readonly stdin?: string;
  readonly asLoginUser?: boolean;
  readonly exclusive?: boolean;
  readonly deadlineMinutes?: number;
  readonly secret?: boolean;
}

/** A kind of resource, as its provider serves it. What it does not say, the engine does by itself. */
export type Kind = Pick<provider.Provider, "check" | "diff" | "read" | "delete"> &
  Required<Pick<provider.Provider, "create" | "update">>;

/** The provider of `NodeScript`. */
export function scriptProvider(runOn: RunOn): Kind {
  return {
    async check(_urn, _olds, news) {
      const { connection, digest, ...script } = plain<Script>(news);
      const named = { property: "digest", paths: pathsOf(script), digest, read: () => digestOf(...textsOf(script)) };
      return { inputs: news, failures: [...mistakesIn(connection), ...notAsMeant([named])] };
    },
    async create(urn, inputs) {
      return { id: nameOf(urn), outs: await run(urn, "create", plain(inputs)) };
    },
    async update(_id, urn, _olds, news) {
      return { outs: await run(urn, "update", plain(news)) };
    },
    async read(id, _urn, { stdout }) {
      return { id, props: { stdout } };
    },
    async delete(_id, urn, props) {
      expectOwnInputs(nameOf(urn), props);
      const { undo, ...script } = plain<Script>(props);
      if (!undo) return;
      if (!isThere(undo))
        throw new Error(
          `the package has no ${undo} any more, with which ${nameOf(urn)} is undone: have a release that has it delete this, or undo it by hand and forget it: pulumi state delete '${urn}'`,
        );
      // Alone: a later package may not have the script any more that it undoes.
      await run(urn, "delete", { ...script, script: undo });
    },
  };

  async function run(urn: string, action: Action, script: Script): Promise<{ stdout: string }> {
    const { connection, stdin = "", asLoginUser, exclusive, deadlineMinutes, secret } = script;
    const options = { name: script.script, action, asLoginUser, exclusive, deadlineMinutes, secret };
    return { stdout: await runOn(urn, connection, { ...options, texts: textsOf(script), stdin }) };
  }
}

const pathsOf = ({ script, undo }: Pick<Script, "script" | "undo">) => [
  script,
  ...(undo && undo !== script ? [undo] : []),
];
const textsOf = (script: Pick<Script, "script" | "undo">) => pathsOf(script).map(textOf);
