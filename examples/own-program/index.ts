import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { CalicoBgp, DefaultDeny, type DefaultDenyArgs, readManifest, SysctlProfile } from "kjerne";

/** A node of an existing cluster. */
interface Machine {
  readonly name: string;
  readonly address: string;
  readonly hostKey: string;
}

const config = new pulumi.Config();

/** Three components of kjerne on an existing cluster: sysctls, Calico with BGP, and default deny for one namespace. */
async function main() {
  const { manifest, sha256 } = config.requireObject<{ manifest: string; sha256: string }>("calico");
  const provider = new k8s.Provider("cluster", { kubeconfig: config.requireSecret("kubeconfig") });

  const machines = config.requireObject<Machine[]>("machines");
  const tuned = machines.map(
    ({ name, address, hostKey }) =>
      new SysctlProfile(name, {
        connection: { host: address, hostKey, privateKey: config.requireSecret("privateKey") },
        profiles: ["base", "router"],
      }),
  );

  const pods = new CalicoBgp(
    "pods",
    {
      manifest: await readManifest(manifest, sha256),
      calico: {
        podCidr: "10.244.0.0/16",
        blockSize: 26,
        autodetection: "interface=eth0",
        mtu: 1500,
        proxyMode: "ipvs",
        pace: "bare-metal",
      },
      bgp: { asNumber: 64512 },
    },
    { provider, dependsOn: tuned },
  );

  const shop = new k8s.core.v1.Namespace("shop", { metadata: { name: "shop" } }, { provider, dependsOn: pods });
  const frontend = { namespace: "shop", labels: { app: "frontend" } };
  const backend = { namespace: "shop", labels: { app: "backend" } };
  new DefaultDeny(
    "shop",
    {
      namespaces: ["shop"],
      api: config.requireObject<DefaultDenyArgs["api"]>("api"),
      allow: [{ from: frontend, to: backend, port: 8080 }],
    },
    { provider, dependsOn: shop },
  );
}

export = main;
