import { test } from "node:test";
import { stringify } from "yaml";
import { clusterDefaultDenyPolicy } from "../../components/security/cluster-default-deny";
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
    "cluster.yaml": stringify(clusterDefaultDenyPolicy({ api }), { aliasDuplicateObjects: false }),
    "kinds.yaml": yaml({
      namespaces,
      api,
      allow: [
        { from: { cidr: "0.0.0.0/0" }, to: pods("ingress"), ports: [80, 443] },
        { from: { apiServer: true }, to: pods("webhook"), port: 10250 },
        { from: pods("prometheus", "monitoring"), to: { namespace: "production" }, ports: ["9000-9100"] },
        { from: pods("scraper"), to: { namespaces: "all", labels: { metrics: "yes" } }, port: 9100 },
        { from: pods("backend"), to: { cidr: "10.40.0.0/24" }, port: 123, protocol: "UDP" },
      ],
    }),
    // The namespace monitoring has no default deny, so its pods need no egress policy.
    "from-outside.yaml": yaml({
      namespaces,
      api,
      allow: [{ from: { namespace: "monitoring" }, to: pods("backend"), port: 9100 }],
    }),
  });
});
