import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from "@grpc/grpc-js";

/** gRPC's code UNKNOWN: the engine shows the message as it is. */
const asStatus = (error: unknown) => ({ code: 2, details: (error as Error).message });

/** A gRPC method with one response. The message of an error that it throws is shown to the user. */
export function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return async ({ request }, callback) => {
    try {
      callback(null, await handle(request));
    } catch (error) {
      callback(asStatus(error));
    }
  };
}

/** A gRPC method that streams its response. */
export function streaming<Request, Response>(
  handle: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    handle(call).catch((error) => call.emit("error", asStatus(error)));
  };
}
