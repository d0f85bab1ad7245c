import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run";

const kinds = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** How a registry is asked. */
export interface Asking {
  /** A directory for answers. */
  readonly directory: string;
  /** File with the certificates that https is checked by. */
  readonly authorities: string;
}

/**
 * Digest of an image in a mirror, from the bytes of its manifest. The mirror is asked as containerd asks it; where it
 * wants a token, one for anybody is fetched.
 *
 * @param mirror Base address: see `Mirror` in node-config/node-files.ts.
 * @param image Upstream's name with its tag, such as `registry.k8s.io/pause:3.10.2`.
 * @throws Error that says what the mirror answered
 */
export async function digestIn(mirror: string, image: string, asking: Asking): Promise<string> {
  const slash = image.indexOf("/");
  const colon = image.lastIndexOf(":");
  const [registry, repository, tag] = [image.slice(0, slash), image.slice(slash + 1, colon), image.slice(colon + 1)];
  const isRoot = new URL(mirror).pathname.split("/").includes("v2");
  const base = `${mirror.replace(/\/$/, "")}${isRoot ? "" : "/v2"}`;
  const url = `${base}/${repository}/manifests/${tag}?ns=${registry}`;
  const accepted = kinds.map((kind) => `Accept: ${kind}`);

  let answer = await get(url, accepted, asking);
  const realm = answer.status === 401 ? tokenAddress(answer.headers) : undefined;
  if (realm) {
    const { status, body } = await get(realm, [], asking);
    if (status !== 200) throw new Error(`${image}: ${realm} answers ${status}, and gives no token to anybody`);
    const { token, access_token } = JSON.parse(body.toString());
    answer = await get(url, [...accepted, `Authorization: Bearer ${token ?? access_token}`], asking);
  }
  const { status, headers, body } = answer;
  if (status !== 200) throw new Error(`${image}: ${base}/${repository} answers ${status}${meaning[status] ?? ""}`);
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const said = /^docker-content-digest: *(\S+)/im.exec(headers)?.[1] ?? digest;
  if (said !== digest) throw new Error(`${image}: ${mirror} says that its digest is ${said}, and serves ${digest}`);
  if (!hasArchitecture(body, "amd64")) throw new Error(`${image}: ${mirror} has none for amd64`);
  return digest;
}

const meaning: Readonly<Record<number, string>> = {
  401: ": it wants a user and a password, which nodes have none of; let it know machines by their addresses",
  403: ": it lets nobody read it who has no name there; let it know machines by their addresses",
  404: ": it has no such image",
};

/** An image for one architecture alone does not say in its manifest for which. */
function hasArchitecture(body: Buffer, wanted: string): boolean {
  const { manifests } = JSON.parse(body.toString()) as { manifests?: { platform?: { architecture?: string } }[] };
  return !manifests || manifests.some(({ platform }) => platform?.architecture === wanted);
}

/** Where `WWW-Authenticate: Bearer realm="…",service="…",scope="…"` sends for a token. */
function tokenAddress(headers: string): string | undefined {
  const fields = /^www-authenticate: *bearer +(.*)$/im.exec(headers)?.[1] ?? "";
  const { realm, ...others } = Object.fromEntries(
    [...fields.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
  );
  return realm && `${realm}?${new URLSearchParams(others)}`;
}

/** By curl, which knows the proxies of this machine. Headers go by its standard input: one may be a token. */
async function get(url: string, headers: readonly string[], { directory, authorities }: Asking) {
  const [head, body] = [join(directory, "head"), join(directory, "body")];
  const lines = headers.map((line) => `header = ${JSON.stringify(line)}\n`).join("");
  const options = ["--silent", "--show-error", "--location", "--max-time", "60", "--cacert", authorities];
  const out = ["--dump-header", head, "--output", body, "--write-out", "%{http_code}", "--config", "-"];
  const status = await run("curl", [...options, ...out, url], { input: lines }).catch(({ stderr, message }) => {
    throw new Error(`${url}: ${String(stderr || message).trim()}`);
  });
  // Behind redirects the last answer counts.
  const all = (await readFile(head, "utf8")).trim().split(/\r?\n\r?\n/);
  return { status: Number(status), headers: all.at(-1) ?? "", body: await readFile(body) };
}
