import { isNode } from "../nodes";
import type { Finding, Resource, Rule } from "../rule";
import type { Hardening } from "./parameters";

const release = "kubernetes:helm.sh/v3:Release";

/** Components that declare objects from texts. A provider that has no cluster yet leaves them empty, without a word. */
const expanded = /^kubernetes:(yaml|kustomize|helm\.sh)[/:]/;
const isComponent = ({ type, hasProvider }: Resource) =>
  !hasProvider && !/^(kubernetes|pulumi|command|random):/.test(type);
const packageOf = (type: string) => type.split(":")[0];

/** Where objects are hidden in one resource, no rule can judge them. */
export const opaqueObjects: Rule<Hardening> = {
  id: "SEC-13",
  name: "opaque-objects",
  title: "Every object of the cluster is declared one by one, where rules can read it.",
  basis: [
    {
      kind: "technical",
      text: "A Helm Release is one resource to Pulumi; what it installs is seen by no policy.",
      link: "https://github.com/pulumi/pulumi-kubernetes/issues/2144",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    release,
    "kubernetes:yaml/v2:*, kubernetes:helm.sh/v4:Chart, kubernetes:kustomize/v2:Directory: their children",
  ],
  scope: "together",
  // Any resource but nodes, since it may be the child of a component.
  appliesTo: (resource) => resource.type !== "pulumi:pulumi:Stack" && !isNode(resource),
  check: (resources) => {
    const parents = new Set(resources.map(({ parent }) => parent));
    const plugins = new Set(
      resources.flatMap(({ type }) => (type.startsWith("pulumi:providers:") ? [type.split(":")[2]] : [])),
    );
    return [
      ...resources.filter(({ type }) => type === release).map(hidden),
      ...resources
        .filter((resource) =>
          expanded.test(resource.type)
            ? resource.type !== release
            : isComponent(resource) && plugins.has(packageOf(resource.type)),
        )
        .map((component) =>
          parents.has(component.urn)
            ? ({ urn: component.urn, field: "", state: "shown" } satisfies Finding)
            : empty(component),
        ),
    ];
  },
  checkBefore: (resource) => (resource.type === release ? [hidden(resource)] : []),
};

const hidden = ({ urn }: Resource): Finding => ({
  urn,
  field: "chart",
  state: "unverifiable",
  reason: "What the chart installs is not seen here.",
  wayOut:
    "Render the chart with helm template, and declare its objects with yaml ConfigGroup (without v2), which expands them in the program. helm.sh/v4 Chart shows them too, once its cluster runs.",
});

const empty = ({ urn }: Resource): Finding => ({
  urn,
  field: "",
  state: "unverifiable",
  reason:
    "Its provider has not said which objects it makes: it can't before the cluster runs, and then makes them unseen.",
  wayOut:
    "Declare the objects with yaml ConfigFile or ConfigGroup (without v2), which expand in the program; or make the cluster first, and add this in a second run.",
});
