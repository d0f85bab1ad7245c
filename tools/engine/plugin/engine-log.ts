import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { engineAddress, messageSizes } from "./serve";

let client: EngineClient | undefined;

/** Shows one line beside a resource while it is being worked on; the line does not stay in the log. */
export function showStatus(urn: string, line: string): void {
  client ??= new EngineClient(engineAddress, credentials.createInsecure(), messageSizes);
  const request = new LogRequest().setSeverity(LogSeverity.INFO).setMessage(line).setUrn(urn).setEphemeral(true);
  // Errors are ignored: a status line may get lost, and when the engine is gone this process ends anyway.
  client.log(request, () => {});
}
