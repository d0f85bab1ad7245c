import { z } from "zod";
import { calicoImages, calicoVersion, manifestProblem } from "../components/network/calico-manifest";
import { readManifest } from "../components/network/manifest-source";
import { loadBalancerImages } from "../node-config/load-balancers";
import { metricsImages } from "../node-config/metrics";
import { archiveKey, authorities } from "../node-config/values/certificates";
import { problemsOf } from "../node-config/values/rule";
import { completeIndex } from "../node-config/values/software";
import { belongTogether, privateKey, publicKeys } from "../node-config/values/ssh-keys";
import { schema } from "./schema";
import { orIssue, textFile } from "./text-file";

const supplyIndex = z.object({
  packages: z.record(z.string(), z.string()),
  images: z.record(z.string(), z.string().regex(/^sha256:[0-9a-f]{64}$/)),
  snapshot: z.string().optional(),
});

const { version, manifest, manifestSha256 } = schema.shape.network.shape.calico.shape;

/** Each parses settings into the content of one file in the place of its name. */
const parts = {
  privateKey: z.object({ ssh: z.object({ privateKeyFile: privateKeyFile() }) }),
  hypervisorKey: z.object({ ssh: z.object({ hypervisorKeyFile: privateKeyFile().optional() }) }),
  publicKey: z.object({
    ssh: z.object({
      publicKeyFile: textFile("write it with `ssh-keygen -y -f <private key>`, or name the public key that you have", [
        publicKeys,
      ]),
    }),
  }),
  packages: z.object({
    supply: z.object({
      packages: z.array(
        z.object({
          signedByFile: textFile("write the key that signs the repository there with `gpg --armor --export <key>`", [
            archiveKey,
          ]),
        }),
      ),
    }),
  }),
  index: z.object({
    supply: z.object({
      index: textFile("name the supply.json of the mirror that nodes install from").transform((text, context) =>
        orIssue(context, "", () => parseIndex(text)),
      ),
    }),
  }),
  authorities: z.object({
    supply: z.object({
      caFile: textFile("name the file with the authority's certificate in PEM", [authorities]).optional(),
    }),
  }),
  storeAuthorities: z.object({
    backup: z
      .object({
        caFile: textFile("name the file with the certificate of the authority that signed the store's, in PEM", [
          authorities,
        ]).optional(),
      })
      .optional(),
  }),
  calico: z.object({
    network: z.object({
      calico: z.object({ manifest, manifestSha256 }).transform(({ manifest, manifestSha256 }, context) => {
        const wayOut = "name Calico's calico.yaml, as a file or as an https:// address that answers from here";
        return orIssue(context, wayOut, () => readUsable(manifest, manifestSha256), ["manifest"]);
      }),
    }),
  }),
};

/** Contents of the files that settings name. */
export interface NamedFiles {
  readonly privateKey: string;
  /** Where hypervisors have a key of their own. */
  readonly hypervisorKey?: string;
  readonly publicKey: string;
  /** Public keys of the repositories, in the order of `supply.packages`. */
  readonly packageKeys: readonly string[];
  readonly index: z.infer<typeof supplyIndex>;
  /** Certificates in PEM. */
  readonly authorities?: string;
  /** Certificates in PEM, for the store of backups alone. */
  readonly storeAuthorities?: string;
  readonly calico: string;
}

/**
 * Reads the files that settings name. Gives what is wrong with them, alone, together, and beside the settings; the files
 * are there when nothing is. Settings without a name of a file are no problem here: schema.ts tells that.
 */
export async function readNamedFiles(raw: unknown): Promise<{ problems: string[]; files?: NamedFiles }> {
  const [secret, hypervisorKey, open, packages, index, authorities, storeAuthorities, calico] = await Promise.all([
    parts.privateKey.safeParseAsync(raw),
    parts.hypervisorKey.safeParseAsync(raw),
    parts.publicKey.safeParseAsync(raw),
    parts.packages.safeParseAsync(raw),
    parts.index.safeParseAsync(raw),
    parts.authorities.safeParseAsync(raw),
    parts.storeAuthorities.safeParseAsync(raw),
    parts.calico.safeParseAsync(raw),
  ]);
  const unread = [calico, secret, hypervisorKey, open, authorities, storeAuthorities, index, packages]
    .flatMap(({ error }) => error?.issues ?? [])
    .filter(({ code }) => code === "custom");
  const problems = problemsOf(new z.ZodError(unread), raw);
  const found = {
    privateKey: secret.data?.ssh.privateKeyFile,
    hypervisorKey: hypervisorKey.data?.ssh.hypervisorKeyFile,
    publicKey: open.data?.ssh.publicKeyFile,
    packageKeys: packages.data?.supply.packages.map(({ signedByFile }) => signedByFile),
    index: index.data?.supply.index,
    authorities: authorities.data?.supply.caFile,
    storeAuthorities: storeAuthorities.data?.backup?.caFile,
    calico: calico.data?.network.calico,
  };
  problems.push(...together(found, raw));
  const all = [secret, hypervisorKey, open, packages, index, authorities, storeAuthorities, calico];
  const isWhole = all.every(({ success }) => success);
  return isWhole && problems.length === 0 ? { problems, files: found as NamedFiles } : { problems };
}

const versionsOf = {
  calico: z.object({ network: z.object({ calico: z.object({ version }) }) }),
  kubernetes: z.object({ kubernetes: z.object({ version: z.string() }) }),
  metricsServer: z.object({ kubernetes: z.object({ metricsServer: z.boolean() }) }),
  loadBalancers: z.object({ network: z.object({ loadBalancerCidrs: z.array(z.string()) }) }),
};

/** What of the files that could be read contradicts another one or a version in the settings. */
function together({ privateKey, publicKey, index, calico }: Partial<NamedFiles>, raw: unknown): string[] {
  const problems: [string, string | undefined][] = [];
  const wanted = versionsOf.calico.safeParse(raw).data?.network.calico.version;
  const kubernetes = versionsOf.kubernetes.safeParse(raw).data?.kubernetes.version;
  if (privateKey && publicKey) problems.push(["ssh.publicKeyFile", belongTogether(privateKey, publicKey)]);
  const found = calico && calicoVersion(calico);
  if (found && wanted && found !== wanted) {
    const message = `is of Calico ${found}, and network.calico.version is ${wanted}; name the calico.yaml of that version with its SHA-256, or set the version ${found}`;
    problems.push(["network.calico.manifest", message]);
  }
  if (index && kubernetes) {
    const metricsServer = versionsOf.metricsServer.safeParse(raw).data?.kubernetes.metricsServer;
    const loadBalancerCidrs = versionsOf.loadBalancers.safeParse(raw).data?.network.loadBalancerCidrs;
    const images = [
      ...(calico && found === wanted ? calicoImages(calico) : []),
      ...metricsImages(metricsServer),
      ...loadBalancerImages(wanted ? loadBalancerCidrs : [], wanted ?? ""),
    ];
    for (const problem of completeIndex(index, kubernetes, wanted ?? "", images))
      problems.push(["supply.index", problem]);
  }
  return problems.flatMap(([where, message]) => (message ? [`${where}: ${message}`] : []));
}

function privateKeyFile() {
  return textFile("make a key pair with `ssh-keygen -t ed25519`, or name the private key that you have", [privateKey]);
}

async function readUsable(manifest: string, sha256: string): Promise<string> {
  const text = await readManifest(manifest, sha256);
  const problem = manifestProblem(text);
  if (problem) throw new Error(problem);
  return text;
}

function parseIndex(text: string): z.infer<typeof supplyIndex> {
  try {
    return supplyIndex.parse(JSON.parse(text));
  } catch {
    throw new Error(
      'is not the index of a supply; name a supply.json: { "packages": { name: version }, "images": { name: "sha256:…" } }',
    );
  }
}
