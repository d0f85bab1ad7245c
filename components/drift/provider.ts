import type { provider } from "@pulumi/pulumi";
import { runtime } from "@pulumi/pulumi";
import type { Run } from "../verify/run";
import type { SshTarget } from "../verify/ssh";
import type { Drift } from "./machine-state";

/** What the state holds of a machine. */
interface State {
  readonly connection: SshTarget;
  readonly sets: Readonly<Record<string, string>>;
  readonly container: boolean;
  readonly drift?: Drift;
  readonly putBackAt?: string;
}

/** How a machine is reached: `run` for a script that looks, `change` for one that changes it. */
export type Reach = <T>(
  targets: Readonly<Record<string, SshTarget>>,
  use: (run: Run, change: Run) => Promise<T>,
) => Promise<T>;

type MachineStateProvider = Required<Pick<provider.Provider, "check" | "diff" | "create" | "read" | "update">>;

/**
 * The provider of `MachineState`. It asks a machine in `read`, and in `update` where drift is known.
 *
 * @param reach `overSsh`
 * @param writer Text of the program that writes files on machines.
 * @param say Gets what a user has to know beside the result.
 */
export function driftProvider(reach: Reach, writer: string, say: (line: string) => void): MachineStateProvider {
  return {
    async check(_urn, _olds, news) {
      return { inputs: news };
    },
    async diff(_id, _urn, olds, news) {
      const { drift, putBackAt: _, ...before } = olds;
      return { changes: isDrifted(drift) || canonical(before) !== canonical(news) };
    },
    async create(urn, inputs) {
      return { id: nameOf(urn), outs: { ...inputs, drift: {}, putBackAt: "" } };
    },
    async read(id, _urn, props) {
      try {
        return { id, props: { ...props, drift: await observe(id, plain(props)) } };
      } catch (error) {
        say(`${id}: nothing is known of what somebody changed there: ${(error as Error).message}`);
        return { id, props };
      }
    },
    async update(id, _urn, olds, news) {
      const { drift = {}, putBackAt = "" } = plain(olds);
      if (!isDrifted(drift)) return { outs: { ...news, drift: {}, putBackAt } };
      await putBack(id, plain(news), drift);
      return { outs: { ...news, drift: {}, putBackAt: new Date().toISOString() } };
    },
  };

  function observe(name: string, { connection, sets, container }: State): Promise<Drift> {
    return reach({ [name]: connection }, async (run) =>
      JSON.parse(await run(name, "drift/observe.py", JSON.stringify({ sets, container }), 120)),
    );
  }

  async function putBack(name: string, state: State, drift: Drift): Promise<void> {
    const stdin = JSON.stringify({ drift, sets: Object.keys(state.sets), writer });
    await reach({ [name]: state.connection }, (_run, change) => change(name, "drift/put-back.sh", stdin));
    const left = Object.entries(await observe(name, state));
    if (left.length === 0) return;
    const lines = left.map(([what, { wanted, found }]) => `\n  ${what}: found ${found}, wanted ${wanted}`);
    throw new Error(
      `${name}: this could not be put back:${lines.join("")}\n` +
        "What kjerne keeps on the machine of what it wrote there is gone or another's where a set is named: have the set written anew, `pulumi up --replace` with the URN of the command of that name. " +
        "Else look at what changes it again, and run `pulumi up --refresh`.",
    );
  }
}

const isDrifted = (drift: unknown): boolean => Object.keys((drift ?? {}) as object).length > 0;
const nameOf = (urn: string): string => urn.split("::").at(-1) as string;

/** Whatever the order of keys, and whether or not the engine sent a secret as one. */
function canonical(value: unknown): string {
  return JSON.stringify(withoutSecrets(value), (_key, one) =>
    one !== null && typeof one === "object" && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** The values themselves: the engine sends secrets as objects around them. */
const plain = (props: unknown): State => withoutSecrets(props) as State;

function withoutSecrets(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (runtime.isRpcSecret(value)) return withoutSecrets(runtime.unwrapRpcSecret(value));
  if (Array.isArray(value)) return value.map(withoutSecrets);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutSecrets(one)]));
}
