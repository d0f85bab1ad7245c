import type { Reading } from "./answers";
import { judge } from "./judge";
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
