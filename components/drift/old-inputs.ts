import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { DeleteRequest, ReadRequest } from "@pulumi/pulumi/proto/provider_pb";

/**
 * Gives `read` and `delete` the inputs of a resource too. The SDK hands them outputs alone, and then a state would have
 * to hold everything that they need twice.
 */
export function passInputs(): void {
  const { read, delete: remove } = ResourceProviderService;
  read.requestDeserialize = after(read.requestDeserialize, (request: ReadRequest) => add(request, request.getInputs()));
  remove.requestDeserialize = after(remove.requestDeserialize, (request: DeleteRequest) =>
    add(request, request.getOldInputs()),
  );
}

type Properties = ReturnType<ReadRequest["getInputs"]>;

function add(request: ReadRequest | DeleteRequest, inputs: Properties): void {
  const outputs = request.getProperties()?.getFieldsMap();
  inputs?.getFieldsMap().forEach((value, name) => {
    if (!outputs?.has(name)) outputs?.set(name, value);
  });
}

function after<Request>(deserialize: (bytes: Buffer) => Request, change: (request: Request) => void) {
  return (bytes: Buffer) => {
    const request = deserialize(bytes);
    change(request);
    return request;
  };
}
