import { setTimeout as pause } from "node:timers/promises";
import type { provider } from "@pulumi/pulumi";
import { type Run, UnreachableError } from "../verify/run";
import type { SshTarget } from "../verify/ssh";
import type { Drift } from "./machine-state";
import { nameOf, plain } from "./properties";

/** What the state holds of a machine. */
interface State {
  readonly connection: SshTarget;
  readonly sets: Readonly<Record<string, string>>;
  readonly container: boolean;
  /** Of a virtual machine: where it is made, and its directory there. */
  readonly host?: { readonly connection: SshTarget; readonly directory: string };
  readonly drift?: Drift;
  readonly putBackAt?: string;
}

/** How a machine is reached: `run` for a script that looks, `change` for one that changes it. */
export type Reach = <T>(
  targets: Readonly<Record<string, SshTarget>>,
  use: (run: Run, change: Run) => Promise<T>,
) => Promise<T>;

type MachineStateProvider = Required<Pick<provider.Provider, "diff" | "create" | "read" | "update">>;

/**
 * The provider of `MachineState`. It asks a machine in `read`, and in `update` where drift is known.
 *
 * @param reach `overSsh`
 * @param writer Text of the program that writes files on machines.
 * @param say Gets what a user has to know beside the result.
 * @param seconds How long what was put back may take until it shows.
 */
export function driftProvider(
  reach: Reach,
  writer: string,
  say: (line: string) => void,
  seconds = { running: 60, started: 900 },
): MachineStateProvider {
  return {
    // Without drift the engine compares the inputs.
    async diff(_id, _urn, { drift }) {
      return isDrifted(drift) ? { changes: true } : {};
    },
    async create(urn) {
      return { id: nameOf(urn), outs: { drift: {}, putBackAt: "" } };
    },
    async read(id, _urn, props) {
      const { putBackAt } = props;
      try {
        return { id, props: { drift: await observe(id, plain(props)), putBackAt } };
      } catch (error) {
        say(`${id}: nothing is known of what somebody changed there: ${(error as Error).message}`);
        return { id, props: { drift: props.drift, putBackAt } };
      }
    },
    async update(id, _urn, olds, news) {
      const { drift = {}, putBackAt = "" } = plain<State>(olds);
      if (!isDrifted(drift)) return { outs: { drift: {}, putBackAt } };
      await putBack(id, plain(news), drift);
      return { outs: { drift: {}, putBackAt: new Date().toISOString() } };
    },
  };

  async function observe(name: string, { connection, sets, container, host }: State): Promise<Drift> {
    const hypervisor = hostOf(name);
    const around = host
      ? await look(hypervisor, host.connection, "drift/observe-machine.py", { directory: host.directory })
      : {};
    // One that does not run has nothing to tell.
    if (around["virtual machine"]) return around;
    return { ...around, ...(await look(name, connection, "drift/observe.py", { sets, container })) };
  }

  function look(name: string, connection: SshTarget, script: string, input: object): Promise<Drift> {
    return reach({ [name]: connection }, async (run) =>
      JSON.parse(await run(name, script, JSON.stringify(input), 120)),
    );
  }

  /** What is left of it: after a while nothing, if all goes well. A machine that was started answers later. */
  async function settled(name: string, state: State, patience: number): Promise<Drift> {
    const deadline = Date.now() + 1000 * patience;
    for (;;) {
      try {
        const drift = await observe(name, state);
        if (!isDrifted(drift) || Date.now() >= deadline) return drift;
      } catch (error) {
        if (!(error instanceof UnreachableError) || Date.now() >= deadline) throw error;
      }
      await pause(2000);
    }
  }

  async function putBack(name: string, state: State, drift: Drift): Promise<void> {
    const { connection, sets, host } = state;
    const ofHost = Object.keys(drift).filter((what) => what.startsWith("virtual machine"));
    if (host && ofHost.length > 0) {
      const hypervisor = hostOf(name);
      const stdin = JSON.stringify({ directory: host.directory });
      await reach({ [hypervisor]: host.connection }, (_run, change) =>
        change(hypervisor, "drift/put-back-machine.sh", stdin),
      );
    }
    if (Object.keys(drift).length > ofHost.length) {
      const stdin = JSON.stringify({ drift, sets: Object.keys(sets), writer });
      await reach({ [name]: connection }, (_run, change) => change(name, "drift/put-back.sh", stdin));
    }
    const left = Object.entries(
      await settled(name, state, drift["virtual machine"] ? seconds.started : seconds.running),
    );
    if (left.length === 0) return;
    const lines = left.map(([what, { wanted, found }]) => `\n  ${what}: found ${found}, wanted ${wanted}`);
    throw new Error(
      `${name}: this could not be put back:${lines.join("")}\n` +
        "What kjerne keeps on the machine of what it wrote there is gone or another's where a set is named: have the set written anew, `pulumi up --replace` with the URN of the NodeFiles of that name. " +
        "Else look at what changes it again, and run `pulumi up --refresh`.",
    );
  }
}

const hostOf = (name: string) => `${name}-hypervisor`;
const isDrifted = (drift: unknown): boolean => Object.keys((drift ?? {}) as object).length > 0;
