import { type Document, isMap, parseDocument, visit } from "yaml";
import { engineKeys } from "../../tools/pulumi-files";

/** Files and values that replace what a reviewer does not have: keys, the supply, manifests. */
export interface Substitutes {
  readonly privateKeyFile: string;
  readonly publicKeyFile: string;
  /** A public key of OpenPGP. */
  readonly archiveKeyFile: string;
  /** SSH host key for the hypervisors of the lab, whose settings leave it open. */
  readonly hostKey: string;
  /** Index of a supply. */
  readonly index: string;
  /** A copy of a manifest by its SHA-256, where there is one. */
  readonly manifests: ReadonlyMap<string, string>;
}

/** Settings that can be previewed on any machine. */
export interface Placeheld {
  /** The settings file, without secrets and without what belongs to the backend. */
  readonly text: string;
  /** Release of Kubernetes. */
  readonly kubernetes: string;
  /** Image of the verification's probes. */
  readonly probeImage: string;
  /** Paths of the secrets that the settings need, as `pulumi config set --path` takes them. Their values are gone. */
  readonly secrets: readonly string[];
}

const lab = "<lab>";

/**
 * Replaces every file outside the repository and every secret in a stack's settings. A preview needs a value in these
 * places, and no rule depends on which.
 */
export function withPlaceholders(text: string, substitutes: Substitutes): Placeheld {
  const settings = parseDocument(text);
  for (const key of engineKeys) settings.delete(key);
  const secrets = [...new Set([...takeSecrets(settings), ...neededSecrets(settings)])].sort();
  const config = (...path: (string | number)[]) => ["config", `kjerne:${path[0]}`, ...path.slice(1)];
  const replace = (path: (string | number)[], value: string | undefined) => {
    if (value !== undefined && settings.hasIn(path)) settings.setIn(path, value);
  };

  replace(config("ssh", "privateKeyFile"), substitutes.privateKeyFile);
  replace(config("ssh", "hypervisorKeyFile"), substitutes.privateKeyFile);
  replace(config("ssh", "publicKeyFile"), substitutes.publicKeyFile);
  // A path relative to the repository exists in every checkout.
  const index = config("supply", "index");
  if (/^[~/<]/.test(String(settings.getIn(index)))) replace(index, substitutes.index);
  // No rule depends on a company's own authorities, and no machine is asked.
  for (const key of ["supply", "backup"])
    if (settings.hasIn(config(key, "caFile"))) settings.deleteIn(config(key, "caFile"));
  const sum = settings.getIn(config("network", "calico", "manifestSha256"));
  replace(config("network", "calico", "manifest"), substitutes.manifests.get(String(sum)));
  for (let at = 0; settings.hasIn(config("supply", "packages", at)); at++) {
    replace(config("supply", "packages", at, "signedByFile"), substitutes.archiveKeyFile);
  }
  for (let at = 0; settings.hasIn(config("hypervisors", at)); at++) {
    if (settings.getIn(config("hypervisors", at, "hostKey")) !== lab) continue;
    replace(config("hypervisors", at, "hostKey"), substitutes.hostKey);
  }
  const probeImage = String(settings.getIn(config("kubernetes", "probeImage")));
  const kubernetes = String(settings.getIn(config("kubernetes", "version")));
  return { text: settings.toString({ lineWidth: 0 }), kubernetes, probeImage, secrets };
}

/** Removes each `secure:` value, which only the stack's own passphrase or key decrypts, and returns its path. */
function takeSecrets(settings: Document): string[] {
  const paths: string[] = [];
  const config = settings.get("config");
  if (!isMap(config)) return paths;
  visit(config, {
    Pair(_, pair, ancestors) {
      if (!isMap(pair.value) || !pair.value.has("secure")) return undefined;
      const above = ancestors.flatMap((node) => ("key" in node ? [String(node.key)] : []));
      paths.push([...above, String(pair.key)].join("."));
      return visit.REMOVE;
    },
  });
  return paths;
}

/** Paths of secrets that a preview needs; `up` reports one that the stack does not have. */
function neededSecrets(settings: Document): string[] {
  const { config } = settings.toJS() as {
    config?: {
      "kjerne:network"?: { calico?: { peers?: { name: string; authenticated?: boolean }[] } };
      "kjerne:backup"?: { to?: { s3?: object } };
    };
  };
  const peers = (config?.["kjerne:network"]?.calico?.peers ?? []).filter(
    ({ authenticated }) => authenticated !== false,
  );
  const store = config?.["kjerne:backup"]?.to?.s3 ? ["accessKeyId", "secretAccessKey"] : [];
  return [
    ...peers.map(({ name }) => `kjerne:bgpPasswords.${name}`),
    ...store.map((part) => `kjerne:backupCredentials.${part}`),
  ];
}
