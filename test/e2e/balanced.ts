import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import type { LabAddresses } from "../../tools/lab/plan";
import { until, untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import type { Stack } from "../../tools/stack";
import { kubectl } from "./shell";
import { shop } from "./shop";

interface Service {
  readonly status: { readonly loadBalancer: { readonly ingress?: readonly { readonly ip: string }[] } };
}

/**
 * Deploys a Service with an address of its own, and waits until a client behind the router gets an answer there.
 *
 * @param available Pods that have to stay when nodes are drained.
 * @returns asks it once from behind the router: whom the pod saw
 */
export async function reachedByTheRouter(
  stack: Stack,
  image: string,
  available: number,
): Promise<() => Promise<string>> {
  for (const object of shop(image, available, true))
    await run("kubectl", ["apply", "--filename", "-"], { env: stack.env, input: JSON.stringify(object) });
  const rollout = ["rollout", "status", "--namespace", "shop", "deployment/till", "--timeout=600s"];
  await run("kubectl", rollout, { env: stack.env });
  let address = "";
  const ask = () =>
    run("curl", ["--silent", "--show-error", "--fail", "--max-time", "5", `http://${address}/clientip`]);
  await untilSucceeds("an answer of the Service shop/till at its own address", 120, async () => {
    const { status } = await kubectl<Service>(stack, "get", "service", "till", "--namespace", "shop");
    address = status.loadBalancer.ingress?.[0]?.ip ?? "";
    return ask();
  });
  return ask;
}

/**
 * Asks a Service from behind the router while worker1 is drained as operators do it, and removes it. Fails when more was
 * lost than what was under way when routes changed, or when the pods saw somebody else than the client.
 */
export async function askFromBehindTheRouter(stack: Stack, { host }: LabAddresses, image: string): Promise<void> {
  const admin = (...command: readonly string[]) => run("kubectl", command, { env: stack.env });
  const ask = await reachedByTheRouter(stack, image, 1);
  const answers: string[] = [];
  const losses: string[] = [];
  const draining = new AbortController();
  let step = "";
  const begin = (what: string) => {
    step = `${what}, from ${new Date().toISOString()}`;
  };
  const asking = (async () => {
    for (; !draining.signal.aborted; await setTimeout(100)) {
      const asked = `asked at ${new Date().toISOString()} during ${step}`;
      await ask().then(
        (answer) => answers.push(answer),
        (error) => losses.push(`${asked}: ${error}`),
      );
    }
  })();
  begin("the label that takes worker1's route away");
  await admin("label", "node", "worker1", "node.kubernetes.io/exclude-from-external-load-balancers=true");
  begin("the drain");
  await admin("drain", "worker1", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=120s");
  begin("the end of the drain");
  await admin("uncordon", "worker1");
  await admin("label", "node", "worker1", "node.kubernetes.io/exclude-from-external-load-balancers-");
  await until("50 answers, to which what was lost compares", 60, async () => answers.length >= 50);
  draining.abort();
  await asking;

  // A router that learns another route sends what is under way by it as well: one request when the node's route goes, one
  // when it comes back.
  assert.ok(losses.length <= 2, losses.join("\n"));
  assert.deepEqual([...new Set(answers.map((answer) => answer.split(":")[0]))], [host]);
  await admin("delete", "namespace", "shop", "--timeout=120s");
}
