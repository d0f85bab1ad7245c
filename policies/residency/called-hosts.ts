import { type Called, callsOf, isCommand } from "../commands/calls";
import type { Finding, Resource, Rule } from "../rule";
import { foreignReach, transfers } from "./basis";
import { recordedHosts } from "./judge-mention";
import { declaredAddresses, isMachine } from "./machines";
import type { Residency } from "./parameters";
import type { Places } from "./places";
import { hostOf, isHost, isRecord } from "./record";
import { isTransfer, readsTransfers, withTransfers } from "./recorded-transfers";
import { knownElsewhere } from "./well-known";

const wayOut =
  "Take it out; or record where the host is and who runs it, in kjerne:residency, endpoints.services, and name it in the command as it is.";

/** A command is a way out for data like any other: what it connects to is recorded before it runs. */
export const calledHosts: Rule<Residency> = {
  id: "RES-42",
  name: "called-hosts",
  title: "Commands connect to recorded hosts and declared machines only, and change no cluster past the rules.",
  basis: [transfers, foreignReach],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [
    "command: create, update, delete, command, stdin of a shell: what they call",
    "kjerne:residency:Endpoints: hosts",
    readsTransfers,
  ],
  scope: "together",
  appliesTo: (resource) =>
    isCommand(resource) || isRecord(resource, "Endpoints") || isMachine(resource) || isTransfer(resource),
  check: (resources, parameters) => judgeAll(resources, withTransfers(resources, parameters)),
};

function judgeAll(all: readonly Resource[], parameters: Residency & Places): Finding[] {
  const records = all.filter((resource) => isRecord(resource, "Endpoints"));
  const known = [...recordedHosts(records), ...declaredAddresses(all, parameters)];
  return all.flatMap(callsOf).flatMap((call) => judgeCall(call, known, parameters));
}

function judgeCall(call: Called, known: readonly string[], places: Places): Finding[] {
  const { urn, field, program } = call;
  const where = { urn, field: `${field}: ${/^[\w.-]+$/.test(program) ? program : "a program"}` };
  const unseen = changesUnseen(call);
  if (unseen) return [{ ...where, state: "unverifiable", reason: unseen.reason, wayOut: unseen.wayOut }];
  const hosts = hostsOf(call);
  if (hosts.length === 0 && connects(call))
    return [{ ...where, state: "unverifiable", reason: "It connects to a host that can't be read here.", wayOut }];
  return hosts.map((host): Finding => {
    if (!isHost(host))
      return { ...where, state: "unverifiable", reason: "It names a host that can't be read here.", wayOut };
    const read = { ...where, read: host };
    const reason = knownElsewhere(host, places);
    if (reason) return { ...read, state: "violated", reason, wayOut };
    if (local.test(host) || known.includes(host)) return { ...read, state: "shown" };
    return { ...read, state: "unverifiable", reason: "Nobody recorded where it is.", wayOut };
  });
}

const local = /^(localhost|127\.[\d.]+|::1|0\.0\.0\.0)$/;

/** Programs that are of no use without a connection to another host. */
const clients = new Set(
  "curl wget ssh scp sftp rsync ftp nc ncat socat telnet aws az gcloud gsutil doctl s3cmd rclone mc restic azcopy".split(
    " ",
  ),
);
/** Programs that connect when they are asked for one of these. */
const clientsWith: Readonly<Record<string, RegExp>> = {
  git: /^(clone|fetch|pull|push|ls-remote)$/,
  docker: /^(pull|push|login|run)$/,
  podman: /^(pull|push|login|run)$/,
  nerdctl: /^(pull|push|login|run)$/,
  crictl: /^pull$/,
  ctr: /^(pull|push|fetch)$/,
  skopeo: /^(copy|sync|inspect)$/,
  crane: /^(pull|push|copy|cp)$/,
  oras: /^(pull|push|copy|cp)$/,
};

const connects = ({ program, args }: Called) =>
  (clients.has(program) && !args.every((arg) => /^(-V|--version|-h|--help)$/.test(arg))) ||
  args.some((arg) => clientsWith[program]?.test(arg));

/** The hosts that the words of a call name: in addresses, behind `user@`, before the path of a copy, in names of images. */
function hostsOf(call: Called): string[] {
  const { args, program } = call;
  const addresses = args
    .flatMap((arg) => arg.match(/\b[a-z][a-z0-9+.-]*:\/\/[^\s"'\],]+/gi) ?? [])
    .map((one) => (one.includes("$") ? "$" : (hostOf(one) ?? "")));
  const plain = args.filter((arg) => !arg.startsWith("-") && !arg.includes("://"));
  if (["ssh", "sftp", "scp", "rsync"].includes(program)) {
    const copies = plain.flatMap((arg) => /^(?:[\w.-]+@)?([^/@:\s]+):/.exec(arg)?.[1] ?? []);
    const logins = plain.flatMap((arg) => /^[\w.-]+@([^/@:\s]+)$/.exec(arg)?.[1] ?? []);
    const first =
      program === "ssh" && logins.length === 0 ? plain.filter((arg) => /^[\w.$-]+$/.test(arg)).slice(-1) : [];
    return [...addresses, ...copies, ...logins, ...first];
  }
  if (connects(call) && /^(docker|podman|nerdctl|crictl|ctr|skopeo|crane|oras)$/.test(program)) {
    const images = plain.filter((arg) => /[/:]/.test(arg) || arg.includes("$"));
    return [...addresses, ...images.map((arg) => (arg.includes("$") ? "$" : registryOf(arg)))];
  }
  if (["curl", "wget", "nc", "ncat", "telnet"].includes(program)) {
    const bare = plain.filter((arg) => /^([\w-]+\.)+[\w-]+(:\d+)?(\/|$)/.test(arg) || /^\$/.test(arg));
    return [...addresses, ...bare.map((arg) => arg.replace(/[:/].*/, ""))];
  }
  return addresses;
}

function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && /[.:]/.test(first) ? first.replace(/:.*/, "") : "docker.io";
}

/** Verbs of kubectl and helm that only look, or say what a pod or a node does without a new object. */
const looks: Readonly<Record<string, RegExp>> = {
  kubectl:
    /^(get|describe|logs|wait|version|config|rollout|top|api-resources|api-versions|auth|cluster-info|explain|diff|cordon|uncordon|drain|certificate|events)$/,
  helm: /^(list|ls|status|version|history|template|lint|show|get|search|verify)$/,
};

function changesUnseen({ program, args }: Called): { reason: string; wayOut: string } | undefined {
  const verbs = looks[program];
  if (!verbs) return undefined;
  const isVerb = (arg: string) => /^[a-z-]+$/.test(arg);
  if (args.some((arg) => verbs.test(arg)) || args.every((arg) => !isVerb(arg))) return undefined;
  return {
    reason: "It changes objects of the cluster that no rule sees.",
    wayOut: "Declare the objects in the program, where rules can read them.",
  };
}
