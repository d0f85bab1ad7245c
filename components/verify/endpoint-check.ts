import { both, type Reading } from "./answers";
import { faultless, judge } from "./judge";
import type { Link } from "./observed-node";
import type { Check } from "./report";

/** One control plane, and no two, has the address of the API server's endpoint. */
export function endpointHeld(
  address: string,
  links: readonly { readonly node: string; readonly links: Reading<readonly Link[]> }[],
): Check {
  const question = {
    id: "endpoint-held",
    title: "one control plane has the endpoint's address",
    node: "cluster",
    wanted: `${address} on one control plane`,
    next: "journalctl --unit keepalived; ip -brief address",
  };
  const unread = links.find(({ links }) => "unreadable" in links);
  const holders = links.flatMap(({ node, links }) =>
    "value" in links && links.value.some(({ addresses }) => addresses.includes(address)) ? [node] : [],
  );
  // One that can't be read may have it, too; one that is found is no more than one of them.
  const found: Reading<readonly string[]> = unread && "unreadable" in unread.links ? unread.links : { value: holders };
  return judge(question, found, (names) => ({
    passed: names.length === 1,
    found: names.length === 0 ? "nobody has it" : `${names.join(" and ")} ${names.length === 1 ? "has" : "have"} it`,
  }));
}

/** Each control plane has the address, since its own API server is ready, and each of its routers is told. */
export function endpointAnnounced(
  address: string,
  controlPlanes: readonly {
    readonly node: string;
    readonly routers: readonly string[];
    readonly links: Reading<readonly Link[]>;
    readonly announced: Reading<Readonly<Record<string, readonly string[]>>>;
  }[],
): Check {
  const question = {
    id: "endpoint-announced",
    title: "each control plane has the endpoint's address and tells routers",
    node: "cluster",
    wanted: `${address} on each control plane, and told to each of its routers`,
    next: "journalctl --unit kjerne-endpoint; ip -brief address show lo; curl -k https://127.0.0.1:6443/readyz?verbose",
  };
  const faults: string[] = [];
  const holders: string[] = [];
  for (const { node, routers, links, announced } of controlPlanes) {
    const reading = both(links, announced, (links, announced) => ({ links, announced }));
    if ("unreadable" in reading) {
      faults.push(`${node} is unreadable: ${reading.unreadable}`);
      continue;
    }
    const { links: found, announced: told } = reading.value;
    if (!found.some(({ addresses }) => addresses.includes(address))) {
      faults.push(`${node} does not have it`);
      continue;
    }
    holders.push(node);
    const untold = routers.filter((router) => !told[router]?.includes(`${address}/32`));
    faults.push(...untold.map((router) => `${node} does not tell ${router}`));
  }
  const having = holders.length > 0 ? [`${holders.join(", ")} ${holders.length === 1 ? "has" : "have"} it`] : [];
  return { ...question, ...faultless(faults.length > 0 ? [...having, ...faults] : [], having.join()) };
}
