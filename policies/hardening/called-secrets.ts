import { type Called, callsOf, variablesOf } from "../commands/calls";
import type { Finding, Resource } from "../rule";
import { isCredentialName } from "./credentials";

/** Credentials in the words of a command that have no form of their own: `mysql -phunter2`, `curl -u me:hunter2`. */

const isLiteral = (value: string | undefined) => value !== undefined && value !== "" && !value.includes("$");

/** Program → options whose value is a password, alone or after `user:`. */
const passwords: Readonly<Record<string, readonly string[]>> = {
  sshpass: ["-p"],
  mysql: ["-p", "--password"],
  mysqldump: ["-p", "--password"],
  mysqladmin: ["-p", "--password"],
  mariadb: ["-p", "--password"],
  "redis-cli": ["-a", "--pass"],
  smbclient: ["--password"],
  wget: ["--password", "--http-password", "--ftp-password"],
  docker: ["-p", "--password"],
  helm: ["--password"],
  ldapsearch: ["-w"],
};
const userAndPassword: Readonly<Record<string, readonly string[]>> = {
  curl: ["-u", "--user", "-U", "--proxy-user"],
  ctr: ["-u", "--user"],
  crictl: ["--creds"],
  skopeo: ["--creds", "--src-creds", "--dest-creds"],
};

/** Values of an option, in the three ways to write it: `-p x`, `-px`, `--password=x`. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, i) => {
    if (arg === option) return [args[i + 1] ?? ""];
    if (option.startsWith("--") && arg.startsWith(`${option}=`)) return [arg.slice(option.length + 1)];
    return !option.startsWith("--") && arg.startsWith(option) && !arg.startsWith("--")
      ? [arg.slice(option.length)]
      : [];
  });
}

function holdsPassword({ program, args }: Called): boolean {
  // MySQL's `-p` with a blank after it asks, and what follows is the name of a database.
  const asks = /^(mysql|maria)/.test(program);
  const alone = (passwords[program] ?? []).flatMap((option) =>
    valuesOf(asks ? args.filter((arg) => arg !== "-p") : args, option),
  );
  const joined = (userAndPassword[program] ?? [])
    .flatMap((option) => valuesOf(args, option))
    .filter((value) => /:./.test(value));
  return [...alone, ...joined.map((value) => value.split(":").slice(1).join(":"))].some(isLiteral);
}

/** A finding for each property of a command with a credential among its words or variables. No message repeats it. */
export function judgeCalls(resource: Resource, wayOut: string): Finding[] {
  const fields = [
    ...callsOf(resource)
      .filter(holdsPassword)
      .map(({ field }) => field),
    ...variablesOf(resource)
      // A property of `environment` is judged by its own name.
      .filter(
        ({ field, name, value }) => !field.startsWith("environment") && isCredentialName(name) && isLiteral(value),
      )
      .map(({ field }) => field),
  ].filter((field) => field !== "stdin");
  return [...new Set(fields)].map((field) => ({
    urn: resource.urn,
    field: `${field} (words)`,
    state: "violated",
    allowed: "no passwords, tokens or private keys",
    reason: "One of its options or variables is a credential, and every process on the machine can read it.",
    wayOut,
  }));
}

const readers = ["cat", "head", "tail", "less", "more", "base64", "xxd", "od", "tee", "grep", "sed", "awk", "openssl"];
/** Files that hold private keys or tokens, by their usual names. */
const secretFiles =
  /(\.key|\/(super-)?admin\.conf|\/kubelet\.conf|\/(controller-manager|scheduler)\.conf|\/id_(rsa|ed25519|ecdsa)|\/secrets\/kubernetes\.io\/.*token|\/etc\/shadow|encryption[\w.-]*\.ya?ml)$/;

/** Whether a call prints a private key or a Secret of the cluster. */
export function printsSecret({ program, args, toFile }: Called): boolean {
  if (toFile) return false;
  if (readers.includes(program))
    return args.some((arg) => secretFiles.test(arg)) && !args.includes("-pubout") && !args.includes("-out");
  const words = args.filter((arg) => !arg.startsWith("-"));
  const outputs = ["-o", "--output", "--template"].flatMap((option) => valuesOf(args, option));
  const shows = outputs.some((output) => !["name", "wide"].includes(output.replace(/^=/, "")));
  return (
    program === "kubectl" &&
    words.includes("get") &&
    words.some((word) => /^secrets?([/.,]|$)|,secrets?(,|$)/.test(word)) &&
    shows
  );
}

/** Whether a node joins whoever answers: `kubeadm join` without the hash of the cluster's CA. */
export function joinsAnybody({ program, args }: Called): boolean {
  if (program !== "kubeadm" || !args.includes("join")) return false;
  if (args.some((arg) => arg.startsWith("--discovery-token-unsafe-skip-ca-verification") && !arg.endsWith("=false")))
    return true;
  return !args.some((arg) => /^--(discovery-token-ca-cert-hash|config|discovery-file)\b/.test(arg));
}

/** Whether a call makes a token that lets nodes in for ever. */
export const makesEndlessToken = ({ program, args }: Called): boolean =>
  program === "kubeadm" &&
  args.includes("token") &&
  args.includes("create") &&
  args.some((arg, i) => /^--ttl=0s?$/.test(arg) || (arg === "--ttl" && /^0s?$/.test(args[i + 1] ?? "")));
