import { defaults } from "../../node-config/defaults";
import { listIn, readTree } from "../../node-config/file-set";
import { modulesIn } from "../../node-config/modules";
import type { NodeSettings } from "./nodes";
import { type Answers, clusterName } from "./questions";

/** What `node-config/machine/preflight.sh` reads for a node: the same that pulumi up will ask of its machine. */
export function preflightInput(
  { name, role, address, machine }: NodeSettings,
  answers: Answers,
  mtu: number,
  hasIpvs: boolean,
): string {
  const container = machine.container === true;
  return JSON.stringify({
    ...{ cluster: clusterName(answers), name, role, address, mtu, container },
    autodetection: defaults.autodetectionOfAny,
    untestedRelease: false,
    modules: modulesIn({ ...readTree("common"), ...(hasIpvs ? readTree("ipvs") : {}) }),
    places: listIn("machine/places.txt"),
    maximumStealPercent: container ? 100 : defaults.maximumStealPercent,
  });
}
