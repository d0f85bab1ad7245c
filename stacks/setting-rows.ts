import type { SettingRow } from "./classes";
import { clusterRows } from "./cluster-rows";
import { machineRows } from "./machine-rows";

/** A row for each setting, in the order of docs/settings.md. */
export const settingRows: readonly SettingRow[] = [...machineRows, ...clusterRows];
