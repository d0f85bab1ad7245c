import { z } from "zod";
import { pinnedOnce } from "../../node-config/values/machines";
import { insideNodeNetwork } from "../../node-config/values/networks";
import { problemsOf, text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { publicKeys } from "../../node-config/values/ssh-keys";

const shape = z.object({
  name: values.hostName,
  address: values.address,
  prefixLength: z.int().min(8).max(29),
  gateway: values.address,
  nameservers: values.nameServers.optional(),
  timeServers: values.timeServers.optional(),
  mtu: values.mtu.optional(),
  fabricMtu: values.mtu.optional(),
  cpus: values.cpus,
  memoryMiB: values.memoryMiB,
  rootGiB: values.rootGiB,
  etcdGiB: values.etcdGiB.optional(),
  pinnedCpus: values.pinnedCpus.optional(),
  ssh: z.object({ publicKey: text(publicKeys) }),
});

interface Judged {
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly cpus: number;
  readonly pinnedCpus?: readonly number[];
}

/** What cannot work among the arguments of a `KvmNode`, a sentence each. */
export function problemsOfNode(name: string, args: Judged): string[] {
  const own = `${args.address}/${args.prefixLength}`;
  return [
    ...problemsOf(shape.safeParse({ ...args, name }).error, { ...args, name }),
    ...insideNodeNetwork("address", args.address, own),
    ...insideNodeNetwork("gateway", args.gateway, own),
    ...(args.gateway === args.address ? [`address is ${args.address}, which is gateway as well; choose another`] : []),
    ...pinnedOnce([{ name, cpus: args.cpus, pinnedCpus: args.pinnedCpus }]),
  ];
}
