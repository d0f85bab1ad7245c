import type { Reading } from "./answers";
import type { BackupStatus, Drill } from "./etcd-readings";
import { faultless, judge } from "./judge";
import type { Check } from "./report";

/** One control plane's answers. */
export interface BackupReadings {
  readonly node: string;
  readonly backup: Reading<BackupStatus>;
  readonly drill: Reading<Drill>;
}

/**
 * The newest backup, which was read back right when it was taken, is younger than two periods, and every control plane can
 * take the next one.
 *
 * @param now seconds since 1970, by the clock of the machine that verifies
 */
export function backupFresh(everyMinutes: number, readings: readonly BackupReadings[], now: number): Check {
  const limit = 2 * everyMinutes;
  const question = {
    id: "backup-fresh",
    title: "etcd has a backup that was read back, and the next one can be taken",
    node: "cluster",
    wanted: `younger than ${limit} min`,
    next: "journalctl --unit kjerne-backup; systemctl list-timers kjerne-backup.timer; kjerne-backup now",
  };
  const minutesSince = (time: string) => Math.floor((now - Date.parse(time) / 1000) / 60);
  const found = readings.flatMap(({ backup }) =>
    "value" in backup && backup.value.newest ? [backup.value.newest] : [],
  );
  const [newest] = found.sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
  const age = newest && minutesSince(newest.time);
  const faults = readings.flatMap(({ node, backup }) => {
    if ("unreadable" in backup) return [`${node}: unreadable: ${backup.unreadable}`];
    const { asked, problem, ahead } = backup.value;
    const silent = minutesSince(asked) >= limit ? [`${node} was last asked ${minutesSince(asked)} min ago`] : [];
    const wrong =
      ahead.length > 0 ? [`${node}: ${ahead.join(", ")} was named by a clock in the future; remove it`] : [];
    return [...silent, ...(problem ? [`${node}: ${problem}`] : []), ...wrong];
  });
  const old = age === undefined ? ["there is none"] : age >= limit ? [`${newest?.name}, ${age} min ago`] : [];
  return judge(question, { value: [...old, ...faults] }, (all) =>
    faultless([...new Set(all)], `${newest?.time}, ${age} min ago; ${lastDrill(readings)}`),
  );
}

function lastDrill(readings: readonly BackupReadings[]): string {
  const times = readings.flatMap(({ drill }) => ("value" in drill ? [drill.value.at] : []));
  return times.length > 0 ? `last drill ${times.sort().at(-1)}` : "no drill yet";
}
