import { test } from "node:test";
import { stringify } from "yaml";
import { defaultDenyPolicies } from "../../components/security/default-deny";
import { assertGoldenFiles } from "./golden-files";

const pods = (app: string, namespace = "production") => ({ namespace, labels: { app } });
const frontendToBackend = { from: pods("frontend"), to: pods("backend"), port: 8080 };
const api = { addresses: ["10.20.0.11", "10.20.0.12"], port: 6443 };

const yaml = (args: Parameters<typeof defaultDenyPolicies>[0]) => {
  const { allows, denies } = defaultDenyPolicies(args);
  return [...allows, ...denies].map((object) => stringify(object)).join("---\n");
};

test("default deny renders the reviewed network policies", () => {
  const namespaces = ["production"];
  assertGoldenFiles("default-deny", {
    "all.yaml": yaml({ namespaces, api, allow: [frontendToBackend] }),
    "ingress.yaml": yaml({ namespaces, api, allow: [frontendToBackend], deny: "ingress" }),
    // The namespace monitoring has no default deny, so its pods need no egress policy.
    "from-outside.yaml": yaml({
      namespaces,
      api,
      allow: [{ from: { namespace: "monitoring" }, to: pods("backend"), port: 9100 }],
    }),
  });
});
