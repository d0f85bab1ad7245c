import { spawn } from "node:child_process";
import { createHash, createPrivateKey, sign, X509Certificate } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { registryCommand } from "../../../tools/supply/registry";

/**
 * Upstream's servers under their own names, in a network of their own: the apt repository on pkgs.k8s.io, the registry on
 * registry.k8s.io and docker.io, which wants a token of auth.docker.io. Then runs the program that its arguments name, and
 * ends with its exit status.
 */
const [directory, apt, registry, images, changed, ...program] = process.argv.slice(2) as [string, ...string[]];
const certificate = readFileSync(join(directory, "server.crt"), "utf8");
const key = readFileSync(join(directory, "server.key"), "utf8");
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

const packages: RequestListener = async ({ url }, response) => {
  const file = join(
    apt as string,
    decodeURIComponent(new URL(url ?? "", "https://pkgs.k8s.io").pathname).replace("/apt/", "/"),
  );
  if ((await stat(file).catch(() => undefined))?.isFile()) createReadStream(file).pipe(response);
  else response.writeHead(404).end();
};

async function main() {
  await listen("127.0.0.2", packages);
  await listen("127.0.0.4", tokens);
  if (changed === "lying") await listen("127.0.0.3", lying);
  else {
    const [command, ...args] = registryCommand(registry as string, "127.0.0.3:443", images as string, "serve");
    const settings = {
      REGISTRY_HTTP_TLS_CERTIFICATE: join(directory, "server.crt"),
      REGISTRY_HTTP_TLS_KEY: join(directory, "server.key"),
      REGISTRY_AUTH: "token",
      REGISTRY_AUTH_TOKEN_REALM: "https://auth.docker.io/token",
      REGISTRY_AUTH_TOKEN_SERVICE: "registry.k8s.io",
      REGISTRY_AUTH_TOKEN_ISSUER: "auth.docker.io",
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: join(directory, "ca.crt"),
    };
    const server = spawn(command as string, args, {
      env: { ...process.env, ...settings },
      stdio: ["ignore", "ignore", "inherit"],
    });
    process.on("exit", () => server.kill());
    const deadline = Date.now() + 20_000;
    const ask = () =>
      spawnStatus([
        "curl",
        "--silent",
        "--output",
        "/dev/null",
        "--cacert",
        join(directory, "ca.crt"),
        "https://registry.k8s.io/v2/",
      ]);
    while ((await ask()) !== 0) if (Date.now() > deadline) throw new Error("the registry did not answer within 20 s");
  }
  process.exit(await spawnStatus(program, "inherit"));
}

const spawnStatus = ([command, ...args]: readonly string[], stdio: "inherit" | "ignore" = "ignore") =>
  new Promise<number>((resolve) => spawn(command as string, args, { stdio }).on("close", (code) => resolve(code ?? 1)));

main();
