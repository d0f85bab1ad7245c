import { credentialName, credentials } from "../hardening/credentials";
import { reference } from "../hardening/object-secrets";
import { type AtAdmission, onPods, quoted, withPods } from "./at-admission";

const inRe2 = ({ source, flags }: RegExp) => (flags.includes("i") ? `(?i:${source})` : source);
const forms = quoted(credentials.map(inRe2).join("|"));

/** An API server ends an expression that reads too long: of more text it looks for private keys alone. */
const readable = 16_000;

/** Nothing of what is found is repeated: the message goes into logs. */
export const objectSecrets: AtAdmission = {
  resources: [...withPods, { groups: [""], plurals: ["configmaps"] }],
  variables: {
    templates: onPods.templates as string,
    pods: `variables.templates.map(t, t.?spec.?initContainers.orValue([]) + t.?spec.?containers.orValue([])
  + t.?spec.?ephemeralContainers.orValue([]))`,
    texts: `[0, 1].filter(i, i < variables.states.size()).map(i,
  variables.pods[i].map(c, c.?env.orValue([]).filter(e, e.?value.hasValue())
      .map(e, {"at": c.name + ": the value of " + e.name, "is": string(e.value)})
    + (c.?command.orValue([]) + c.?args.orValue([])).map(a, {"at": c.name + ": command or args", "is": string(a)})
  ).flatten()
  + (variables.states[i].kind != "ConfigMap" ? [] : variables.states[i].?data.orValue({})
      .map(k, {"at": "data." + k, "is": string(variables.states[i].data[k])})))`,
  },
  problems: [
    `variables.texts.map(all, all
  .filter(t, all.map(one, one.is.size()).sum() > ${readable}
    ? t.is.contains("PRIVATE KEY-----") : t.is.matches(${forms}))
  .map(t, t.at + " has the form of a credential"))`,
    `variables.pods.map(all, all.map(c, c.?env.orValue([])
  .filter(e, e.name.matches(${quoted(inRe2(credentialName))}) && e.?value.orValue("") != ""
    && !e.value.matches(${quoted(inRe2(reference))}))
  .map(e, c.name + ": " + e.name + " is a credential by its name")).flatten())`,
  ],
  wayOut: "Put it into a Secret, and have the pod read it from there: valueFrom.secretKeyRef, or a volume.",
  notHere: `What is encoded as base64; and where a pod or ConfigMap has more than ${readable} characters, all but private keys: the API server limits how long it reads.`,
};
