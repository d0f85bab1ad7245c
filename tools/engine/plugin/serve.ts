import { Server, ServerCredentials } from "@grpc/grpc-js";

/**
 * Address of the engine that started this plugin: it passes it as the last argument, after flags such as `--tracing`.
 */
export const engineAddress = process.argv.at(-1) ?? "";

/** Switches off gRPC's limit of 4 MiB, as Pulumi's own plugins do: messages hold whole files and outputs. */
export const messageSizes = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/**
 * Serves a plugin as the engine expects it: on a free loopback port, with the port number as the first line on stdout.
 */
export function serve(register: (server: Server) => void): void {
  const server = new Server(messageSizes);
  register(server);
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithEngine();
}

/**
 * Ends this plugin and all processes that it started when the engine, which holds the other end of stdin, has ended.
 */
function endWithEngine(): void {
  process.stdin.on("close", () => {
    try {
      // The engine starts each plugin as the leader of its own process group, to which its children belong.
      process.kill(-process.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      process.exit();
    }
  });
  process.stdin.resume();
}
