import { spawn } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { registryCommand } from "../../../tools/supply/registry";

/** What `upstream.ts` gets as its first argument, in JSON. */
export interface Upstream {
  /** Has server.crt and server.key, and ca.crt, which signed them. */
  readonly certificates: string;
  /** Files by host name and path: `pkgs.k8s.io/…`. */
  readonly served: string;
  /** Who serves them, by TLS and without; who is registry.k8s.io and docker.io; who is auth.docker.io. */
  readonly addresses: { readonly files: string; readonly registry: string; readonly tokens: string };
  /** The registry's program, and its storage. @default - one that says another digest than that of the bytes it serves */
  readonly registry?: { readonly program: string; readonly storage: string };
}

/**
 * Upstream's servers under their own names, in a network of their own: those of packages and other files, and the registry,
 * which wants a token of auth.docker.io. Then runs the program that its further arguments name, and ends with its exit
 * status; without one it says `ready`, and serves until it is killed.
 */
const [given, ...program] = process.argv.slice(2) as [string, ...string[]];
const { certificates, served, addresses, registry } = JSON.parse(given) as Upstream;
const certificate = readFileSync(join(certificates, "server.crt"), "utf8");
const key = readFileSync(join(certificates, "server.key"), "utf8");
const tls = { cert: certificate, key };

const listen = (address: string, handle: RequestListener) =>
  new Promise<void>((resolve) => createServer(tls, handle).listen(443, address, resolve));

/** Gives anybody a token that lets them pull what they ask for. */
const tokens: RequestListener = ({ url }, response) => {
  const asked = new URL(url ?? "", "https://auth.docker.io").searchParams;
  const [type, name, actions = ""] = (asked.get("scope") ?? "").split(":");
  const now = Math.floor(Date.now() / 1000);
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const der = new X509Certificate(certificate).raw.toString("base64");
  const claims = {
    ...{ iss: "auth.docker.io", aud: asked.get("service"), sub: "", iat: now, nbf: now - 10, exp: now + 60 },
    ...{
      jti: createHash("sha256").update(`${now} ${url}`).digest("hex"),
      access: [{ type, name, actions: actions.split(",") }],
    },
  };
  const text = `${encoded({ typ: "JWT", alg: "ES256", x5c: [der] })}.${encoded(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: createPrivateKey(key), dsaEncoding: "ieee-p1363" });
  response.end(JSON.stringify({ token: `${text}.${signature.toString("base64url")}` }));
};

/** A registry that says another digest than that of the bytes which it serves. */
const lying: RequestListener = (_, response) => {
  response.setHeader("Docker-Content-Digest", `sha256:${"0".repeat(64)}`);
  response.end(JSON.stringify({ schemaVersion: 2 }));
};

const files: RequestListener = async ({ url, headers: { host = "" } }, response) => {
  const path = decodeURIComponent(new URL(url ?? "", `https://${host}`).pathname);
  const file = join(served, host.replace(/:.*/, ""), path);
  if ((await stat(file).catch(() => undefined))?.isFile()) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
};

async function main() {
  await listen(addresses.files, files);
  await new Promise<void>((resolve) => createPlainServer(files).listen(80, addresses.files, resolve));
  await listen(addresses.tokens, tokens);
  if (registry) await startRegistry(registry);
  else await listen(addresses.registry, lying);
  if (program.length > 0) process.exit(await spawnStatus(program, "inherit"));
  console.log("ready");
}

async function startRegistry({ program, storage }: Required<Upstream>["registry"]) {
  const [command, ...args] = registryCommand(program, `${addresses.registry}:443`, storage, "serve");
  const settings = {
    REGISTRY_HTTP_TLS_CERTIFICATE: join(certificates, "server.crt"),
    REGISTRY_HTTP_TLS_KEY: join(certificates, "server.key"),
    REGISTRY_AUTH: "token",
    REGISTRY_AUTH_TOKEN_REALM: "https://auth.docker.io/token",
    REGISTRY_AUTH_TOKEN_SERVICE: "registry.k8s.io",
    REGISTRY_AUTH_TOKEN_ISSUER: "auth.docker.io",
    REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: join(certificates, "ca.crt"),
  };
  const server = spawn(command as string, args, {
    env: { ...process.env, ...settings },
    stdio: ["ignore", "ignore", "inherit"],
  });
  process.on("exit", () => server.kill());
  const asking = ["--silent", "--output", "/dev/null", "--cacert", join(certificates, "ca.crt")];
  const named = ["--connect-to", `::${addresses.registry}:443`, "https://registry.k8s.io/v2/"];
  const deadline = Date.now() + 20_000;
  while ((await spawnStatus(["curl", ...asking, ...named])) !== 0)
    if (Date.now() > deadline) throw new Error("the registry did not answer within 20 s");
}

const spawnStatus = ([command, ...args]: readonly string[], stdio: "inherit" | "ignore" = "ignore") =>
  new Promise<number>((resolve) => spawn(command as string, args, { stdio }).on("close", (code) => resolve(code ?? 1)));

main();
