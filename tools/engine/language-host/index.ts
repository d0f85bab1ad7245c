import type { ChildProcess } from "node:child_process";
import { version } from "@pulumi/pulumi/package.json";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { streaming, unary } from "../plugin/calls";
import { serve } from "../plugin/serve";
import { programDependencies, requiredPackages } from "./packages";
import { runPlugin } from "./plugin";
import { runProgram } from "./program";

/** How long an interrupted program may take to end before it is killed. */
const endMilliseconds = 5000;

let program: ChildProcess | undefined;

serve((server) =>
  server.addService(LanguageRuntimeService, {
    getPluginInfo: unary(() => new PluginInfo().setVersion(version)),
    about: unary(() => {
      const about = new rpc.AboutResponse().setExecutable(process.execPath).setVersion(process.version);
      about.getMetadataMap().set("packagemanager", "npm");
      return about;
    }),
    getRequiredPackages: unary((request: rpc.GetRequiredPackagesRequest) =>
      new rpc.GetRequiredPackagesResponse().setPackagesList(requiredPackages(directoryOf(request))),
    ),
    getProgramDependencies: unary((request: rpc.GetProgramDependenciesRequest) =>
      new rpc.GetProgramDependenciesResponse().setDependenciesList(programDependencies(directoryOf(request))),
    ),
    installDependencies: streaming(async () => {
      throw new Error("kjerne's stand-in for Pulumi's language host does not install packages; run npm install");
    }),
    run: unary((request: rpc.RunRequest) =>
      runProgram(request, (child) => {
        program = child;
      }),
    ),
    runPlugin: streaming(runPlugin),
    cancel: unary(() => {
      program?.kill("SIGINT");
      setTimeout(() => program?.kill("SIGKILL"), endMilliseconds).unref();
      return new Empty();
    }),
  }),
);

function directoryOf(request: { getInfo(): rpc.ProgramInfo | undefined }): string {
  return request.getInfo()?.getProgramDirectory() ?? process.cwd();
}
