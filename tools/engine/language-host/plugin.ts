import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ServerWritableStream } from "@grpc/grpc-js";
import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import { runtimeOptions, sdkModule } from "./program";

/** Runs a plugin that is a Node.js program: a policy pack, or a provider of components. */
export async function runPlugin(call: ServerWritableStream<RunPluginRequest, RunPluginResponse>): Promise<void> {
  const { request } = call;
  const info = request.getInfo();
  if (!info) throw new Error("the engine named no program; update the pulumi CLI");
  const { nodeArguments, environment } = runtimeOptions(info);
  const directory = info.getProgramDirectory();
  const isPolicyPack = request.getKind() === "analyzer";
  const entry = sdkModule(isPolicyPack ? "@pulumi/pulumi/cmd/run-policy-pack" : "@pulumi/pulumi/cmd/run-plugin", info);
  const child = spawn(
    "node", // the one on PATH, as the official language host takes it
    [
      ...nodeArguments,
      entry,
      ...(isPolicyPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()]),
    ],
    {
      cwd: isPolicyPack ? directory : request.getPwd(),
      // A plugin ends when its stdin closes, so this pipe stays open as long as the language host runs.
      stdio: "pipe",
      env: { ...Object.fromEntries(request.getEnvList().map(nameAndValue)), ...environment },
    },
  );
  call.on("cancelled", () => child.kill("SIGKILL"));
  child.stdout.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStdout(chunk)));
  child.stderr.on("data", (chunk: Buffer) => call.write(new RunPluginResponse().setStderr(chunk)));
  const [code] = (await once(child, "close")) as [number | null];
  call.write(new RunPluginResponse().setExitcode(code ?? 1));
  call.end();
}

function nameAndValue(setting: string): [name: string, value: string] {
  const at = setting.indexOf("=");
  return [setting.slice(0, at), setting.slice(at + 1)];
}
