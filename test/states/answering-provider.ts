import { createHash } from "node:crypto";
import { appendFileSync } from "node:fs";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { unary } from "../../tools/engine/plugin/calls";
import { detailedDiff } from "../../tools/engine/plugin/diff";
import { type Properties, withoutSecrets } from "../../tools/engine/plugin/property-values";
import { serve } from "../../tools/engine/plugin/serve";

/**
 * A provider for every resource type that makes nothing: it answers what a machine or an API server would have answered,
 * and always the same. Any difference between the inputs in the state and those of the program is a change.
 */
serve((server) =>
  server.addService(ResourceProviderService, {
    checkConfig: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diffConfig: unary(diff),
    configure: unary(() => new rpc.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true)),
    getPluginInfo: unary(() => new PluginInfo().setVersion("1.0.0")),
    cancel: unary(() => new Empty()),
    check: unary((request: rpc.CheckRequest) => new rpc.CheckResponse().setInputs(request.getNews())),
    diff: unary(diff),
    // What the script printed before stays its answer.
    update: unary((request: rpc.UpdateRequest) => {
      const outputs = { ...propertiesOf(request.getOlds()), ...echoed(request.getUrn(), request.getNews()) };
      return new rpc.UpdateResponse().setProperties(Struct.fromJavaScript(outputs as Record<string, JavaScriptValue>));
    }),
    delete: unary((request: rpc.DeleteRequest) => {
      const file = process.env.PLAYED_DELETIONS; // which gets the names of those that undo something
      const inputs = propertiesOf(request.getOldInputs());
      if (file && ("delete" in inputs || "undo" in inputs)) appendFileSync(file, `${request.getId()}\n`);
      return new Empty();
    }),
    create: unary((request: rpc.CreateRequest) => {
      const inputs = propertiesOf(request.getProperties());
      const answered = answer(request.getName(), withoutSecrets(inputs) as Properties);
      const outputs = { ...echoed(request.getUrn(), request.getProperties()), ...answered };
      return new rpc.CreateResponse()
        .setId(request.getName())
        .setProperties(Struct.fromJavaScript(outputs as Record<string, JavaScriptValue>));
    }),
  }),
);

/** As the real providers do it: another value below `triggers` or `keepers` replaces, but in kjerne's own; any other updates. */
function diff(request: rpc.DiffRequest): rpc.DiffResponse {
  const replacing = isOwn(request.getUrn()) ? [] : ["triggers", "keepers"];
  const changes = detailedDiff(propertiesOf(request.getOldInputs()), propertiesOf(request.getNews()), replacing);
  const { DIFF_NONE, DIFF_SOME } = rpc.DiffResponse.DiffChanges;
  const response = new rpc.DiffResponse().setHasdetaileddiff(true).setChanges(changes.size > 0 ? DIFF_SOME : DIFF_NONE);
  for (const [path, change] of changes) response.getDetaileddiffMap().set(path, change);
  return response.setReplacesList(
    replacing.filter((name) => [...changes.keys()].some((path) => path.startsWith(name))),
  );
}

const isOwn = (urn: string) => urn.includes("kjerne-drift:index:");

/** Providers give the inputs back as outputs; kjerne's own does not. */
function echoed(urn: string, inputs: Struct | undefined): Properties {
  return isOwn(urn) ? {} : propertiesOf(inputs);
}

/** What the script or the password of that resource name gives. */
function answer(name: string, inputs: Properties): Properties {
  const random = createHash("sha256").update(name).digest("hex");
  if (typeof inputs.length === "number") return { result: random.slice(0, inputs.length) };
  if (["create", "script", "program"].some((what) => what in inputs)) return { stdout: printed(name, random) };
  if ("sets" in inputs) return { drift: {}, putBackAt: "" };
  return {};
}

function printed(name: string, random: string): string {
  if (name.endsWith("-preflight")) return JSON.stringify({ domainType: "kvm" });
  if (name.endsWith("-machine")) return JSON.stringify({ hostKey: `ssh-ed25519 ${random}`, instanceId: random });
  if (name.endsWith("-init")) return JSON.stringify({ kubeconfig: kubeconfig(name), caHash: caHash(name) });
  if (name.endsWith("-verification")) return JSON.stringify({ passed: true, checks: [] });
  return `done ${random}`;
}

/** Of the one cluster, but for a control plane that begins another. */
function caHash(name: string): string {
  return `sha256:${(name === "cp5-init" ? "5" : "0").repeat(64)}`;
}

function kubeconfig(name: string): string {
  return JSON.stringify({ clusters: [{ name, cluster: { server: "https://api.invalid:6443" } }] });
}

function propertiesOf(struct: Struct | undefined): Properties {
  return (struct?.toJavaScript() ?? {}) as Properties;
}
