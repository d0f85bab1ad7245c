import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifest } from "../unit/calico-samples";
import { archiveKey } from "../unit/key-samples";
import { startMachines } from "./fresh-machines";

export const names = ["node1", "node2", "node3"] as const;

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Three fresh machines, and `make new` for a stack beside them. */
export async function besideMachines() {
  const machines = await startMachines(...names);
  const scratch = mkdtempSync(join(tmpdir(), "kjerne-new-test-"));
  const at = (file: string) => join(scratch, file);
  const file = at("Pulumi.bergen.yaml");
  writeFileSync(at("calico.yaml"), manifest);
  writeFileSync(at("apt.asc"), archiveKey);

  /** Every answer that has no default, and files of this test in the place of upstream's. */
  const answers = {
    MACHINES: names.map((name, n) => `root@10.88.0.${n + 11}=${machines.fingerprint(name)}`).join(" "),
    KEY: machines.at("key"),
    COUNTRY: "NO",
    CITY: "Bergen",
    OPERATOR: "Eksempel Drift AS, NO, NO",
    SUPPORT: "NO SE",
    DATA_CLASS: "internal",
    CUSTODIAN: "Eksempel AS, NO, NO",
    PACKAGES: "http://10.88.0.1 bookworm main",
    PACKAGES_KEY: at("apt.asc"),
    IMAGES: "http://10.88.0.1:5000",
    CALICO: at("calico.yaml"),
    INDEX: at("supply.json"),
  };
  /** The command line; an answer that is `undefined` is left out. */
  const command = (changed: Readonly<Record<string, string | undefined>> = {}) => {
    const given = Object.entries({ ...answers, ...changed }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${value}`],
    );
    return machines.beside(
      "env",
      `PULUMI_OPTION_CONFIG_FILE=${file}`,
      "make",
      "--silent",
      "new",
      "STACK=bergen",
      ...given,
    );
  };
  const { NODE_TEST_CONTEXT: _, MAKEFLAGS: __, MAKELEVEL: ___, ...env } = process.env;
  return {
    ...{ machines, at, file, answers, command, env },
    makeNew: (changed?: Parameters<typeof command>[0]) => {
      const [program, ...args] = command(changed);
      return ended(spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
    },
    /** Files of settings there, whole or not. */
    written: () => readdirSync(scratch).filter((one) => one.includes("Pulumi.")),
    /** Runs a command of bash on a machine, by ssh as an operator would. */
    inside: async (name: (typeof names)[number], text: string) => {
      const trusting = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR"];
      const options = ["-i", machines.at("key"), ...trusting.flatMap((option) => ["-o", option])];
      const [program, ...args] = machines.beside("ssh", ...options, `root@10.88.0.${names.indexOf(name) + 11}`, text);
      const { status, stderr } = await ended(spawn(program, args));
      if (status !== 0) throw new Error(stderr);
    },
    stop: async () => {
      await machines.stop();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

export type BesideMachines = Awaited<ReturnType<typeof besideMachines>>;

/** What a program wrote, and how it ended. */
export function ended(running: ReturnType<typeof spawn>): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  running.stdout?.on("data", (text) => {
    said.stdout += text;
  });
  running.stderr?.on("data", (text) => {
    said.stderr += text;
  });
  return new Promise((resolve) => running.on("close", (status) => resolve({ status, ...said })));
}
