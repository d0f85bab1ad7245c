import { Server, ServerCredentials } from "@grpc/grpc-js";

/** Address of the engine that started this plugin: the last argument, after flags such as `--tracing`. */
export const engineAddress = process.argv.at(-1) ?? "";

/** Messages hold whole files and outputs: gRPC's own limit of 4 MiB is off, as in Pulumi's own plugins. */
export const messageSizes = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** Serves a plugin the way the engine expects it: a free loopback port, whose number is the first line on stdout. */
export function serve(register: (server: Server) => void): void {
  const server = new Server(messageSizes);
  register(server);
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    process.stdout.write(`${port}\n`);
  });
  endWithEngine();
}

/** The engine holds the other end of stdin. When it is gone, however it went, so are this plugin and all it started. */
function endWithEngine(): void {
  process.stdin.on("close", () => {
    try {
      // The engine starts each plugin as the leader of its own process group: this is the plugin and its children.
      process.kill(-process.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
      process.exit();
    }
  });
  process.stdin.resume();
}
