import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { crossCheck, peers } from "../components/cluster/cross-check";
import { bgpPassword } from "../node-config/values/certificates";

/** Configuration key of the routers' TCP-MD5 passwords, by router. */
export const bgpPasswords = "bgpPasswords";

/** The passwords in the stack's configuration, by router. For judging them: nothing may print or keep one. */
export function configuredPasswords(): Readonly<Record<string, string>> {
  const text = pulumi.runtime.allConfig()[`${pulumi.getProject()}:${bgpPasswords}`] ?? "{}";
  try {
    const entries = Object.entries(JSON.parse(text) as object);
    return Object.fromEntries(
      entries.filter(([, password]) => password !== "").map(([router, password]) => [router, String(password)]),
    );
  } catch {
    return {}; // The parser's message would quote what may be a password.
  }
}

/** A sentence for each router that needs a password and has none, or one that the session can't have. */
export function passwordProblems(raw: unknown, passwords: Readonly<Record<string, string>>): readonly string[] {
  const authenticated = peers.unwrap().element.extend({ authenticated: z.boolean().default(true) });
  const calico = z.object({ peers: z.array(authenticated).default([]) });
  return crossCheck({ network: z.object({ calico }) }, ({ network: { calico } }) =>
    calico.peers
      .filter((peer) => peer.authenticated)
      .flatMap(({ name }) => {
        const set = `\`pulumi config set --secret --path kjerne:${bgpPasswords}.${name}\``;
        const password = passwords[name];
        if (password === undefined) {
          return [
            `${bgpPasswords}.${name} is not set: the session with router ${name} needs a password; run ${set}, or set authenticated: false on the peer`,
          ];
        }
        const problem = bgpPassword(password);
        return problem ? [`${bgpPasswords}.${name} ${problem}; set another one with ${set}, and on the router`] : [];
      }),
  )(raw);
}

/** The password of a router that `configuredPasswords` has; a secret. */
export function passwordOf(router: string): pulumi.Output<string> {
  const passwords = new pulumi.Config().requireSecretObject<Record<string, string>>(bgpPasswords);
  return passwords.apply((passwords) => passwords[router] as string);
}
