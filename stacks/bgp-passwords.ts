import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { calico, crossCheck } from "./cross-checks/cross-check";

/** Configuration key of the routers' TCP-MD5 passwords, by router. */
export const bgpPasswords = "bgpPasswords";

/** Names of the routers whose password is in the stack's configuration. The passwords themselves stay secrets. */
export function routersWithPassword(): string[] {
  const text = pulumi.runtime.allConfig()[`${pulumi.getProject()}:${bgpPasswords}`] ?? "{}";
  try {
    return Object.entries(JSON.parse(text)).flatMap(([router, password]) => (password ? [router] : []));
  } catch {
    return []; // The parser's message would quote what may be a password.
  }
}

/** A sentence for each router that needs a password and has none. */
export function missingPasswords(raw: unknown, routers: readonly string[]): readonly string[] {
  const peers = z.object({ calico: calico.pick({ peers: true }) });
  return crossCheck({ network: peers }, ({ network: { calico } }) =>
    calico.peers
      .filter(({ name, authenticated }) => authenticated && !routers.includes(name))
      .map(
        ({ name }) =>
          `${bgpPasswords}.${name} is not set: the session with router ${name} needs a password; run ` +
          `\`pulumi config set --secret --path kjerne:${bgpPasswords}.${name}\`, or set authenticated: false on the peer`,
      ),
  )(raw);
}

/** The password of a router that `routersWithPassword` names; a secret. */
export function passwordOf(router: string): pulumi.Output<string> {
  const passwords = new pulumi.Config().requireSecretObject<Record<string, string>>(bgpPasswords);
  return passwords.apply((passwords) => passwords[router] as string);
}
