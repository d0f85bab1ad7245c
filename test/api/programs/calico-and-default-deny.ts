import { readFileSync } from "node:fs";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CalicoBgp } from "../../../components/network/calico-bgp";
import { ClusterDefaultDeny } from "../../../components/security/cluster-default-deny";
import { DefaultDeny } from "../../../components/security/default-deny";

/** Input of the program, from a test. */
export interface Input {
  readonly kubeconfig: string;
  readonly manifest: string;
  readonly blockSize: number;
}

const input: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));

pulumi.runtime.registerStackTransformation(({ type, props, opts }) => {
  if (!type.startsWith("kubernetes:")) return undefined;
  // The provider can miss that an object is deleted and looks again only at the timeout: ten minutes by default.
  const patient = { ...opts, customTimeouts: { ...opts.customTimeouts, delete: "45s" } };
  if (type !== "kubernetes:apps/v1:Deployment") return { props, opts: patient };
  // There is no node, so that waiting for pods would never end.
  const annotations = { ...props.metadata.annotations, "pulumi.com/skipAwait": "true" };
  return { props: { ...props, metadata: { ...props.metadata, annotations } }, opts: patient };
});

const provider = new k8s.Provider("api", { kubeconfig: input.kubeconfig });
const calico = new CalicoBgp(
  "calico",
  {
    manifest: readFileSync(input.manifest, "utf8"),
    calico: {
      podCidr: "10.244.0.0/16",
      blockSize: input.blockSize,
      autodetection: "interface=eth0",
      mtu: 1500,
      proxyMode: "ipvs",
      pace: "emulated",
    },
    bgp: { asNumber: 64512 },
    peers: [{ name: "router", address: "10.77.0.1", asNumber: 64500, password: pulumi.secret("between-us-two") }],
  },
  { provider },
);

const api = { addresses: ["10.77.0.11"], port: 6443 };
new ClusterDefaultDeny("everywhere", { api }, { provider, dependsOn: [...calico.definitions] });

const namespace = new k8s.core.v1.Namespace("production", { metadata: { name: "production" } }, { provider });
const pods = (app: string) => ({ namespace: "production", labels: { app } });
new DefaultDeny(
  "deny",
  {
    namespaces: ["production"],
    allow: [{ from: pods("frontend"), to: pods("backend"), port: 8080 }],
    api,
  },
  { provider, dependsOn: [namespace, calico] },
);
