import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { defaultDenyPolicies } from "../../components/security/default-deny";
import { openingsOf } from "../../components/security/openings";
import { deniedNamespace } from "../../stacks/cluster-args";
import { type Config, problems, read } from "./environments";

const page = join(__dirname, "../../examples/openings.yaml");
const openings = (): Config => parse(readFileSync(page, "utf8")).config;
const use = (config: Config) => {
  config.otherNamespaces = openings()["kjerne:otherNamespaces"];
  config.defaultDeny = openings()["kjerne:defaultDeny"];
};

test("the example of openings is right as it stands, and fits on a page", async () => {
  assert.deepEqual(await problems(use), []);
  assert.ok(readFileSync(page, "utf8").split("\n").length < 60);
});

test("a connection between two namespaces is written once and allowed at both ends", async () => {
  const { settings } = await read("oslo", use);
  const denied = settings.defaultDeny.map(deniedNamespace);
  const api = { addresses: ["10.20.0.31"], port: 6443 };
  const names = denied.flatMap(({ name }) => {
    const { allows } = defaultDenyPolicies({ namespaces: [name], allow: openingsOf(name, denied), api });
    return allows.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  });
  assert.deepEqual(
    names.filter((name) => /postgres-tcp-5432$|-scraped-/.test(name)),
    [
      "ingress-nginx/allow-monitoring-prometheus-to-scraped-tcp-8081-9000-9100",
      "cert-manager/allow-monitoring-prometheus-to-scraped-tcp-8081-9000-9100",
      "monitoring/allow-prometheus-to-scraped-tcp-8081-9000-9100",
      "monitoring/allow-prometheus-egress-to-all-namespaces-scraped-tcp-8081-9000-9100",
      "production/allow-monitoring-prometheus-to-scraped-tcp-8081-9000-9100",
      "production/allow-backend-egress-to-database-postgres-tcp-5432",
      "database/allow-monitoring-prometheus-to-scraped-tcp-8081-9000-9100",
      "database/allow-production-backend-to-postgres-tcp-5432",
    ],
  );
});
