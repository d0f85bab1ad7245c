import { z } from "zod";
import { text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { client, portKeys, server } from "../security/allow-rules";

const label = text((value) => (value === "" ? "is empty; write the value of the label app" : undefined)).and(
  values.labelValue,
);

/** One connection that passes in a namespace with default deny: a text is the value of the label app there. */
export const allowKeys = {
  from: z
    .union([label, client])
    .describe(
      "Who opens the connection: the value of the label app of pods in this namespace; or { namespace, labels }, { namespaces: all, labels }, { cidr }, { apiServer: true } for webhooks.",
    ),
  to: z
    .union([label, server])
    .describe("Who accepts it: as in from, but for the API server, which every pod may reach."),
  ...portKeys,
};
