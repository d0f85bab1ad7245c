import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname } from "node:path";
import { namespaces } from "./namespaces";
import { checkLabName, labFiles, machineOf } from "./plan";

/** @throws Error that names the labs of this machine, if this one is not among them. */
export async function expectLab(lab: string): Promise<void> {
  checkLabName(lab);
  const labs = await labsHere();
  if (labs.includes(lab)) return;
  const others = labs.length > 0 ? `; there is ${labs.map((name) => `LAB=${name}`).join(", ")}` : "";
  throw new Error(`there is no lab "${lab}" on this machine${others}. make lab LAB=${lab} brings it up`);
}

/** Labs of this machine, whole or half made: each has files or a network namespace. */
export async function labsHere(): Promise<string[]> {
  const states = dirname(labFiles("lab").state);
  const files = existsSync(states) ? await readdir(states) : [];
  const names = (await namespaces()).flatMap((namespace) => machineOf(namespace)?.lab ?? []);
  return [...new Set([...files, ...names])].sort();
}
