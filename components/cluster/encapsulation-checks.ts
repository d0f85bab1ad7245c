import { z } from "zod";
import { type CrossCheck, calico, crossCheck, network } from "./cross-check";

const fromApiServer = z.object({ from: z.object({ apiServer: z.literal(true) }) });
const allow = z.array(z.unknown()).default([]);

/** What pods behind a second header can't have. */
export const encapsulationChecks: readonly CrossCheck[] = [
  crossCheck(
    {
      network: z.object({ podCidr: network.shape.podCidr, calico: calico.pick({ encapsulation: true }) }),
      defaultDeny: z
        .array(z.object({ namespace: z.string().optional(), name: z.string().optional(), allow }))
        .default([]),
    },
    ({ network: { calico, podCidr }, defaultDeny }) =>
      calico.encapsulation === undefined
        ? []
        : defaultDeny
            .filter(({ allow }) => allow.some((one) => fromApiServer.safeParse(one).success))
            .map(
              ({ namespace, name }) =>
                `defaultDeny: ${namespace ?? name} allows from: { apiServer: true }, and with network.calico.encapsulation the API server's connections to pods of other nodes come from its tunnel's address, which no policy can name beforehand; allow from: { cidr: ${podCidr} } to that port, and let the webhook check who calls (client certificate)`,
            ),
  ),
];
