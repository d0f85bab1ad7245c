import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { prometheus } from "../../components/measure/prometheus";
import { type Report, reportSchema } from "../../components/measure/schema";
import { page } from "./page";

/** The last report in a directory. Undefined where there is none, or one that this version does not read. */
export async function lastReport(directory: string): Promise<Report | undefined> {
  try {
    return reportSchema.parse(JSON.parse(await readFile(join(directory, "report.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** Writes `report.json`, `report.html` for people and `report.prom` for Prometheus. @returns the files */
export async function writeReport(directory: string, report: Report): Promise<string[]> {
  const text = `${JSON.stringify(reportSchema.parse(report), null, 2)}\n`;
  const files = {
    "report.json": text,
    "report.html": page(report, createHash("sha256").update(text).digest("hex")),
    "report.prom": prometheus(report),
  };
  await mkdir(directory, { recursive: true });
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(directory, name), content)));
  return Object.keys(files).map((name) => join(directory, name));
}
