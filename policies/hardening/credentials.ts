import { judged } from "../reading";
import type { Finding, Value } from "../rule";

/** What has the form or the name of a credential. No message repeats a value that was judged here. */

/** 16 letters and digits, one digit at least: of letters alone are many words. An API server's RE2 can't look ahead. */
const withDigit = Array.from({ length: 16 }, (_, at) => `[a-z]{${at}}\\d[a-z0-9]{${15 - at}}`).join("|");

/**
 * Forms that only credentials have, as both JavaScript and RE2 read them. Looser ones would raise false alarms until
 * somebody switched the rule off.
 */
export const credentials: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  new RegExp(`\\b[a-z0-9]{6}\\.(${withDigit})\\b`), // kubeadm's bootstrap token
  /--(token|certificate-key|password|secret-key)[= ]+["']?[^\s"'$<]{6,}/,
  /\b[A-Z_]*(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|SECRET_ACCESS_KEY)=["']?[^\s"'$<]{4,}/i,
  /\b(Bearer|Basic) +[A-Za-z0-9+/._=-]{12,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\./, // JSON web token
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\b(client-key-data|token): *[A-Za-z0-9+/=._-]{20,}/,
  /:\/\/[^/\s:@]+:[^/\s@$]{3,}@/, // user:password@ in a URL
  /\b(gh[pousr]_|github_pat_|glpat-|xox[abpr]-|npm_|hv[sb]\.|pul-|sk_live_|AIza)[A-Za-z0-9_-]{16,}/, // tokens of services
  /;\s*pwd=[^\s"'$<;&]{3,}/i, // in the address of a database
];

/** Whether a text holds a credential, in clear or encoded as base64. */
export function holdsCredential(text: string): boolean {
  const encoded = text.match(/\b[A-Za-z0-9+/]{24,}={0,2}/g) ?? [];
  const decoded = encoded.map((part) => Buffer.from(part, "base64").toString("latin1"));
  return [text, ...decoded].some((one) => credentials.some((form) => form.test(one)));
}

/** Judges a text that anybody may read. */
export function judgeText(urn: string, field: string, value: Value | undefined, wayOut: string): Finding {
  return judged(urn, field, value, {
    allows: (found) => !holdsCredential(typeof found === "string" ? found : JSON.stringify(found ?? null)),
    allowed: "no passwords, tokens or private keys",
    reason: "Part of it has the form of a credential, and others can read it.",
    wayOut,
    confidential: true,
  });
}

export const credentialName =
  /(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|PRIVATE_KEY|API_KEY|ACCESS_KEY|CREDENTIALS?)S?$/i;
export const isCredentialName = (name: string): boolean => credentialName.test(name);

/** Judges a variable whose name says that it is a credential. */
export function judgeVariable(urn: string, field: string, value: Value, wayOut: string): Finding {
  return judged(urn, field, value, {
    allows: (found) => found === "" || found === null,
    allowed: "no credentials in the environment",
    reason: "Its name says that it is one, and others can read it.",
    wayOut,
    confidential: true,
  });
}
