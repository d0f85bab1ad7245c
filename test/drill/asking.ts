import { readFile } from "node:fs/promises";
import { Agent, get } from "node:https";
import { setTimeout } from "node:timers/promises";
import { parse } from "yaml";
import { insideNode } from "../../tools/lab/native/node-processes";
import { labFiles } from "../../tools/lab/plan";
import { run } from "../../tools/run";
import type { Stack } from "../../tools/stack";
import { kubectl } from "../e2e/shell";

/** How often something was asked, and how often and for how long it gave no answer. */
export interface Counted {
  readonly what: string;
  readonly asked: number;
  readonly lost: number;
  readonly longestGapSeconds: number;
}

export interface Asking {
  end(): Promise<Counted[]>;
  stop(): void;
}

interface Service {
  readonly spec: { readonly clusterIP: string };
  readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] } };
}

const everyMs = 250;

/**
 * Asks the API by its endpoint, as an operator does, and the Service shop/till from a node and, where it has an address of
 * its own, from beside the cluster, four times a second, each request by a connection of its own, until it is told to end.
 */
export async function startAsking(lab: string, stack: Stack, node: string): Promise<Asking> {
  const ending = new AbortController();
  const ready = await readinessOf(labFiles(lab).kubeconfig);
  const { spec, status } = await kubectl<Service>(stack, "get", "service", "till", "--namespace", "shop");
  const request = (address: string) => ["--silent", "--fail", "--max-time", "2", `http://${address}/hostname`];
  const own = status.loadBalancer.ingress?.[0]?.ip;
  const counts = [
    ask("the API", ready),
    ask("the Service shop/till", () => insideNode(lab, node, "curl", ...request(spec.clusterIP))),
    ...(own ? [ask("shop/till from behind the router", () => run("curl", request(own)))] : []),
  ];
  return {
    stop: () => ending.abort(),
    end: () => {
      ending.abort();
      return Promise.all(counts);
    },
  };

  async function ask(what: string, once: () => Promise<unknown>): Promise<Counted> {
    let [asked, lost, answered, longestGapMs] = [0, 0, Date.now(), 0];
    while (!ending.signal.aborted) {
      asked += 1;
      await once().then(
        () => {
          longestGapMs = Math.max(longestGapMs, Date.now() - answered);
          answered = Date.now();
        },
        () => {
          lost += 1;
        },
      );
      await setTimeout(everyMs);
    }
    return { what, asked, lost, longestGapSeconds: Math.max(longestGapMs, Date.now() - answered) / 1000 };
  }
}

/** A request of /readyz with the operator's certificate. */
async function readinessOf(kubeconfig: string): Promise<() => Promise<void>> {
  const { clusters, users } = parse(await readFile(kubeconfig, "utf8"));
  const [{ cluster }, { user }] = [clusters[0], users[0]];
  const decoded = (text: string) => Buffer.from(text, "base64");
  const tls = {
    ca: decoded(cluster["certificate-authority-data"]),
    cert: decoded(user["client-certificate-data"]),
    key: decoded(user["client-key-data"]),
    ...(cluster["tls-server-name"] ? { servername: cluster["tls-server-name"] } : {}),
  };
  return () =>
    new Promise((resolve, reject) => {
      const agent = new Agent({ keepAlive: false });
      get(`${cluster.server}/readyz`, { ...tls, agent, timeout: 2000 }, (response) => {
        response.resume();
        if (response.statusCode === 200) response.on("end", resolve);
        else reject(new Error(`status ${response.statusCode}`));
      })
        .on("timeout", function (this: ReturnType<typeof get>) {
          this.destroy(new Error("no answer in 2 s"));
        })
        .on("error", reject);
    });
}
