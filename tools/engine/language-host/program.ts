import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type ProgramInfo, type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { engineAddress } from "../plugin/serve";

/** Exit status of a program whose error the SDK has already shown. */
const errorWasShown = 32;

/**
 * Runs the program through the SDK's entry point and returns how it ended. The engine gets its output while it runs.
 */
export async function runProgram(request: RunRequest, started: (child: ChildProcess) => void): Promise<RunResponse> {
  const info = request.getInfo();
  if (!info) return new RunResponse().setError("the engine named no program; update the pulumi CLI");
  const { nodeArguments, environment } = runtimeOptions(info);
  const child = spawn(
    "node", // the one on PATH, as the official language host takes it
    [...nodeArguments, sdkModule("@pulumi/pulumi/cmd/run", info), ...programArguments(request, info)],
    {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        ...environment,
        PULUMI_CONFIG: JSON.stringify(configuration(request)),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      },
    },
  );
  started(child);
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code === 0) return new RunResponse();
  if (code === errorWasShown) return new RunResponse().setBail(true);
  return new RunResponse().setError(
    code === null ? `Program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`,
  );
}

/** Runtime options of Pulumi.yaml, as arguments for node and variables for the SDK. */
export function runtimeOptions(info: ProgramInfo): { nodeArguments: string[]; environment: Record<string, string> } {
  const options = (info.getOptions()?.toJavaScript() ?? {}) as Record<string, unknown>;
  return {
    nodeArguments: typeof options.nodeargs === "string" ? options.nodeargs.split(/\s+/).filter(Boolean) : [],
    environment: {
      ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
      ...(typeof options.tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
    },
  };
}

/** Path of a module of the SDK, resolved as the program itself would resolve it. */
export function sdkModule(name: string, info: ProgramInfo): string {
  const directory = info.getProgramDirectory();
  try {
    return createRequire(join(directory, "package.json")).resolve(name);
  } catch (error) {
    throw new Error(
      `It looks like the Pulumi SDK has not been installed in ${directory}. Have you run npm install? (${(error as Error).message})`,
    );
  }
}

function programArguments(request: RunRequest, info: ProgramInfo): string[] {
  const named = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": info.getRootDirectory(),
    stack: request.getStack(),
    pwd: info.getProgramDirectory(),
    parallel: String(request.getParallel()),
  };
  return [
    ...Object.entries(named).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
}

/** The SDK reads keys as `<namespace>:config:<name>`. */
function configuration(request: RunRequest): Record<string, string> {
  return Object.fromEntries(
    request
      .getConfigMap()
      .toArray()
      .map(([key, value]) => {
        const [namespace, ...name] = key.replace(/:config:/, ":").split(":");
        return [`${namespace}:config:${name.join(":")}`, value];
      }),
  );
}
