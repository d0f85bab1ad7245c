import type { Server } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { unary } from "./calls";
import { detailedDiff } from "./diff";
import { showStatus } from "./engine-log";
import { type Properties, unknownValue, withoutSecrets } from "./property-values";
import type { Provider, ResourceType, Task } from "./resource-type";
import { mistakes, withSecrets } from "./schema";
import { deadline, interruptAll } from "./time-limits";
import { useOfficial } from "./use-official";

/** Serves a provider's table of resources over Pulumi's provider protocol (pulumi/provider.proto). */
export const providerService = (provider: Provider) => (server: Server) =>
  server.addService(ResourceProviderService, {
    checkConfig: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(() => new rpc.DiffResponse().setChanges(rpc.DiffResponse.DiffChanges.DIFF_NONE)),
    configure: unary(() => new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    getPluginInfo: unary(() => new PluginInfo().setVersion(provider.version)),
    cancel: unary(() => {
      interruptAll();
      return new Empty();
    }),
    invoke: unary((request: rpc.InvokeRequest) => {
      throw notServed(provider, request.getTok());
    }),
    check: unary((request: rpc.CheckRequest) => check(typeOf(provider, request.getType()), request)),
    diff: unary((request: rpc.DiffRequest) => diff(typeOf(provider, request.getType()), request)),
    create: unary((request: rpc.CreateRequest) => create(typeOf(provider, request.getType()), request)),
    update: unary((request: rpc.UpdateRequest) => update(typeOf(provider, request.getType()), request)),
    delete: unary((request: rpc.DeleteRequest) => remove(typeOf(provider, request.getType()), request)),
    read: unary(read),
  });

function typeOf(provider: Provider, token: string): ResourceType {
  const type = provider.resources[token];
  if (type) return type;
  throw notServed(provider, token);
}

/** Shown to the author of a program that uses more of the provider than kjerne itself does. */
function notServed({ name, resources }: Provider, token: string): Error {
  const served = Object.keys(resources).join(" and ");
  return new Error(
    `${token} is not served by kjerne's stand-in for the ${name} provider, which serves only ${served}; ${useOfficial}`,
  );
}

function check({ inputs: schema, check: furtherMistakes }: ResourceType, request: rpc.CheckRequest): rpc.CheckResponse {
  const inputs = fromStruct(request.getNews());
  const plain = withoutSecrets(inputs) as Properties;
  const wrong = mistakes(schema, plain);
  const failures = wrong.length ? wrong : (furtherMistakes?.(plain) ?? []);
  return new rpc.CheckResponse()
    .setInputs(toStruct(withSecrets(schema, inputs)))
    .setFailuresList(
      failures.map(({ property, reason }) => new rpc.CheckFailure().setProperty(property).setReason(reason)),
    );
}

function diff(type: ResourceType, request: rpc.DiffRequest): rpc.DiffResponse {
  // States of older releases of the stand-in have defaults among the inputs, and fewer of them marked as secrets.
  const complete = (inputs: Struct | undefined) => ({
    ...type.defaults,
    ...withSecrets(type.inputs, fromStruct(inputs)),
  });
  const changes = detailedDiff(complete(request.getOldInputs()), complete(request.getNews()), type.replaceOnChanges);
  const response = new rpc.DiffResponse().setHasdetaileddiff(true);
  if (changes.size === 0) return response.setChanges(rpc.DiffResponse.DiffChanges.DIFF_NONE);

  const properties = [...new Set([...changes.keys()].map((path) => path.split(/[.[]/)[0] ?? path))];
  for (const [path, change] of changes) response.getDetaileddiffMap().set(path, change);
  return response
    .setChanges(rpc.DiffResponse.DiffChanges.DIFF_SOME)
    .setDiffsList(properties)
    .setReplacesList(properties.filter((property) => type.replaceOnChanges.includes(property)));
}

async function create(type: ResourceType, request: rpc.CreateRequest): Promise<rpc.CreateResponse> {
  const inputs = { ...type.defaults, ...fromStruct(request.getProperties()) };
  if (request.getPreview()) return new rpc.CreateResponse().setProperties(toStruct({ ...inputs, ...unknown(type) }));

  const { id, outputs } = await type.create(task(request, inputs, {}));
  return new rpc.CreateResponse().setId(id).setProperties(toStruct({ ...inputs, ...outputs }));
}

async function update(type: ResourceType, request: rpc.UpdateRequest): Promise<rpc.UpdateResponse> {
  const inputs = { ...type.defaults, ...fromStruct(request.getNews()) };
  const old = fromStruct(request.getOlds());
  if (request.getPreview()) return new rpc.UpdateResponse().setProperties(toStruct({ ...inputs, ...unknown(type) }));

  const kept = Object.fromEntries(type.outputs.map((name) => [name, old[name]]));
  const outputs = (await type.update?.(task(request, inputs, old))) ?? {};
  return new rpc.UpdateResponse().setProperties(toStruct({ ...inputs, ...kept, ...outputs }));
}

async function remove(type: ResourceType, request: rpc.DeleteRequest): Promise<Empty> {
  const state = fromStruct(request.getProperties());
  await type.delete?.(task(request, state, state));
  return new Empty();
}

/** There is no external system to query: echoes the state. An import comes without any, and is refused. */
function read(request: rpc.ReadRequest): rpc.ReadResponse {
  const properties = request.getProperties();
  if (Object.keys(fromStruct(properties)).length === 0) {
    throw new Error(`${request.getType()} cannot be imported through kjerne's stand-in; ${useOfficial}`);
  }
  return new rpc.ReadResponse().setId(request.getId()).setProperties(properties).setInputs(request.getInputs());
}

type Request = { getName(): string; getUrn(): string; getTimeout(): number };

function task(request: Request, inputs: Properties, state: Properties): Task {
  return {
    name: request.getName(),
    inputs: withoutSecrets(inputs) as Properties,
    state: withoutSecrets(state) as Properties,
    signal: deadline(request.getTimeout()),
    show: (line) => showStatus(request.getUrn(), line),
  };
}

/** In a preview, every output is unknown. */
const unknown = (type: ResourceType) => Object.fromEntries(type.outputs.map((name) => [name, unknownValue]));

const fromStruct = (struct: Struct | undefined) => (struct?.toJavaScript() ?? {}) as Properties;

function toStruct(properties: Properties): Struct {
  const present = Object.entries(properties).filter(([, value]) => value !== undefined);
  return Struct.fromJavaScript(Object.fromEntries(present) as { [key: string]: JavaScriptValue });
}
