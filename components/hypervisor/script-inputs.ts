import { defaults } from "../../node-config/defaults";
import { listIn, readTree } from "../../node-config/file-set";
import { aptSources } from "../../node-config/package-source";
import { pythonOf } from "../machine/program-text";
import type { HypervisorArgs } from "./hypervisor-args";

/** What `prepare.sh` and `confirm-bridge.sh` read. */
export function preparation(
  name: string,
  { address, bridge, synchronisedClock = true }: Pick<HypervisorArgs, "address" | "bridge" | "synchronisedClock">,
): object {
  return {
    name,
    commands: listIn("hypervisor/commands.txt"),
    clock: synchronisedClock,
    bridge,
    address,
    planBridge: pythonOf("hypervisor/plan-bridge.py"),
    bridgeFiles: readTree("hypervisor/bridge"),
  };
}

/** What `preflight.sh` reads. */
export function requirements(name: string, args: HypervisorArgs): object {
  const {
    pool,
    bridge,
    asked,
    reservedMemoryMiB = 2048,
    maximumStealPercent = defaults.maximumStealPercent,
    synchronisedClock = true,
  } = args;
  return {
    name,
    commands: listIn("hypervisor/commands.txt"),
    pool,
    bridge,
    mtu: args.mtu ?? 0,
    ...(args.fabricBridge ? { fabricBridge: args.fabricBridge, fabricMtu: args.fabricMtu ?? 0 } : {}),
    emulation: args.virtualisation === "emulated",
    asked,
    sources: aptSources(args.packages),
    authorities: args.authorities ?? "",
    reservedMemoryMiB,
    maximumStealPercent,
    synchronisedClock,
  };
}
