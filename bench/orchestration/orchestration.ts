import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Benchmark, type Goal, judged, nullControl } from "../result";
import type { Compared } from "../rounds";
import { creations } from "./create";
import { noOp } from "./no-op";
import { programStart } from "./start";

export const orchestration: Benchmark = {
  title: "What kjerne's program costs over a hand-written one",
  method:
    "Processor time in rounds of the order A B B A, through the real engine, with machines and API server played. An " +
    "`up` that changes nothing, of the product's program over one that declares the same resources one by one; and " +
    "loading the program over the same program compiled before. A creation runs on machines that an SSH server plays, each script as long as it took in a lab. A ratio is the median of its rounds; rounds in which " +
    "hypervisors took more than 2 % of the machine do not count.",
  async run(say) {
    const directory = await mkdtemp(join(tmpdir(), "kjerne-bench-"));
    try {
      const start = await programStart(directory, say);
      const unchanged = await noOp(directory, say);
      const { ten, hundred, tenAgain } = await creations(say);
      const perNode = (hundred.sessions - ten.sessions) / 90;
      const all = [unchanged, start.transpiled, start.checked];
      const of = (name: string, { value, interval }: Compared, goal: Goal, note?: string) =>
        judged(name, value, goal, { interval, ...(note ? { note } : {}) });
      return {
        ratios: [
          of(`no-op up of ${unchanged.resources} resources, components over bare`, unchanged, { atMost: 1.25 }),
          of("program start over precompiled, types not checked", start.transpiled, { atMost: 1.1 }),
          of(
            "program start over precompiled, as Pulumi does by default",
            start.checked,
            { atMost: 1.1 },
            "Pulumi's Node.js host checks types at each start, unless PULUMI_NODEJS_TRANSPILE_ONLY=true",
          ),
          judged(
            "simulated creation, 100 nodes over 10",
            hundred.seconds / ten.seconds,
            { atMost: 1.6 },
            {
              note: "one run each; delays of scripts are recorded, engine and SSH are real",
            },
          ),
          judged(
            "SSH sessions for each node more",
            perNode,
            { atMost: 3 },
            {
              note: "a worker on a hypervisor: its machine, its files, boot, join, admission",
            },
          ),
        ],
        nullControls: [
          nullControl("simulated creation of 10 nodes, twice", tenAgain.seconds / ten.seconds, [0.9, 1.1]),
          nullControl("bare no-op up, twice", unchanged.control, [0.97, 1.03]),
          nullControl("precompiled start, twice", start.transpiled.control, [0.97, 1.03]),
        ],
        rounds: {
          kept: all.reduce((sum, { kept }) => sum + kept, 0),
          discarded: all.reduce((sum, { discarded }) => sum + discarded, 0),
          why: "stolen time",
        },
        charts: [],
        measured: { unchanged, start, creations: { ten, hundred, tenAgain } },
      };
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  },
};
