import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, before, test } from "node:test";
import { resize } from "../states/sized";
import { playedStack } from "../states/stack";

/** The most that a worker on a hypervisor may cost; bytes are those of its resources in the state, and of others for its sake. */
const most = { resourcesPerWorker: 9, sessionsPerWorker: 5, bytesPerWorker: 39_500, sharedBytesPerWorker: 8_500 };

interface Resource {
  readonly urn: string;
  readonly type: string;
}
interface Step {
  readonly op: string;
  readonly urn: string;
}

const nameOf = ({ urn }: { readonly urn: string }) => urn.split("::").at(-1) ?? "";
/** Resources that are named after a machine, such as `worker1` and `worker1-join`. */
const of = <T extends { readonly urn: string }>(machine: string, all: readonly T[]) =>
  all.filter((one) => nameOf(one) === machine || nameOf(one).startsWith(`${machine}-`));
/** Without times, whose length depends on their last digits, and as if the project's file lay in the repository. */
const bytes = (resources: readonly Resource[]) => {
  const lasting = resources.map((one) => ({ ...one, created: undefined, modified: undefined }));
  return Buffer.byteLength(JSON.stringify(lasting).replaceAll(`${relative(directory, repository)}/`, ""));
};

const repository = join(__dirname, "../..");
let directory: string;
/** What the state holds with 4 nodes and, once six workers have been added, with 10: on the same three hypervisors. */
let small: readonly Resource[];
let large: readonly Resource[];
/** A fifth node. */
let added: readonly Step[];
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-scale-"));
  const pulumi = await playedStack("oslo", repository, directory);
  const made = async (nodes: number) => {
    await resize(directory, "oslo", nodes);
    await pulumi("up", "--yes", "--skip-preview");
    return JSON.parse(await pulumi("stack", "export")).deployment.resources as readonly Resource[];
  };
  small = await made(4);
  await resize(directory, "oslo", 5);
  added = (JSON.parse(await pulumi("preview", "--json")).steps as readonly Step[]).filter(({ op }) => op !== "same");
  large = await made(10);
});
after(() => rm(directory, { recursive: true, force: true }));

test("a worker more adds the same few resources, whatever the size of the cluster", () => {
  const own = of("worker1", small).length;
  assert.ok(own <= most.resourcesPerWorker, `${own} resources`);
  assert.equal(of("worker1", large).length, own);
  assert.equal(of("worker7", large).length, own);
  assert.equal(large.length - small.length, 6 * own);
});

test("what the state holds of one machine does not grow with the cluster", () => {
  for (const machine of ["cp1", "cp3", "worker1", "hv3"]) {
    const [before, now] = [small, large].map((resources) => bytes(of(machine, resources)));
    assert.equal(now, before, machine);
  }
});

test("a worker more adds little to the state beside its own resources", (t) => {
  const own = bytes(of("worker7", large));
  const each = (bytes(large) - bytes(small)) / 6;
  t.diagnostic(`${each.toFixed(0)} bytes for each worker more, of which ${own} are its own`);
  assert.ok(each - own < most.sharedBytesPerWorker, `${each} bytes for each worker more, of which ${own} are its own`);
  assert.ok(own < most.bytesPerWorker, `${own} bytes`);
});

test("a worker more changes no other machine", () => {
  const shared = [
    "hv1",
    "hv1-preflight",
    "oslo-workers",
    "oslo-workers-join",
    "oslo-upgrade",
    "oslo-kube-proxy-mode",
    "oslo-network-trial",
    "oslo-routes-seen",
    "oslo-verification",
  ];
  const others = added.filter((step) => !(step.op === "create" && of("worker2", [step]).length > 0));
  assert.deepEqual(
    others
      .filter((step) => step.op !== "update" || !shared.includes(nameOf(step)))
      .map(({ op, urn }) => `${op} ${urn}`),
    [],
  );
});

test("a worker more takes few ssh sessions, one to look at its hypervisor again, and one to see its routes", () => {
  const sessions = added.filter(({ urn }) => /[$:]kjerne-drift:index:Node(Script|Files)::/.test(urn));
  const own = sessions.filter(({ op }) => op === "create").length;
  assert.ok(own > 0 && own <= most.sessionsPerWorker, `${own} sessions`);
  assert.deepEqual(
    sessions
      .filter(({ op }) => op !== "create")
      .map(nameOf)
      .sort(),
    ["hv1-preflight", "oslo-routes-seen"],
  );
});
