import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { z } from "zod";
import { calicoImages } from "../components/network/calico-manifest";
import { readManifest } from "../components/network/manifest-source";
import { loadBalancerImages } from "../node-config/load-balancers";
import { metricsImages } from "../node-config/metrics";
import { archiveKey, authorities } from "../node-config/values/certificates";
import { problemsOf, type Rule } from "../node-config/values/rule";
import { kubernetesImages } from "../node-config/values/software";
import { schema } from "./schema";

const { network, kubernetes, supply } = schema.shape;

/** What of the settings says where nodes install from, and what. The rest may be missing yet. */
const sources = z.object({
  network: z.object({
    loadBalancerCidrs: network.shape.loadBalancerCidrs,
    calico: z.object(network.shape.calico.shape).pick({ version: true, manifest: true, manifestSha256: true }),
  }),
  kubernetes: z.object({
    version: kubernetes.shape.version,
    probeImage: kubernetes.shape.probeImage,
    metricsServer: kubernetes.shape.metricsServer,
  }),
  supply,
});

/**
 * Reads from settings where nodes install from, with the files that these settings name, and what they need.
 *
 * @param raw The stack's settings without the prefix `kjerne:`.
 * @throws Error with everything that is wrong with them
 */
export async function readLockSources(raw: unknown) {
  const read = sources.safeParse(raw, { error: (issue) => (issue.input === undefined ? "is missing" : undefined) });
  if (!read.success) throw new Error(problemsOf(read.error, raw).join("\n"));
  const { network, kubernetes, supply } = read.data;
  const problems: string[] = [];
  const text = (key: string, name: string, rule: Rule) =>
    readFile(name.replace(/^~(?=\/)/, homedir()), "utf8").then(
      (content) => {
        const problem = rule(content);
        if (problem) problems.push(`${key}: ${name} ${problem}`);
        return content;
      },
      ({ message }: Error) => {
        problems.push(`${key}: ${message}`);
        return "";
      },
    );

  const packages = await Promise.all(
    supply.packages.map(async ({ signedByFile, ...source }, at) => ({
      ...source,
      publicKey: await text(`supply.packages[${at}].signedByFile`, signedByFile, archiveKey),
    })),
  );
  const trusted = supply.caFile ? { authorities: await text("supply.caFile", supply.caFile, authorities) } : {};
  const { version: calico, manifest, manifestSha256 } = network.calico;
  const objects = await readManifest(manifest, manifestSha256).catch(({ message }: Error) => {
    problems.push(`network.calico.manifest: ${message}`);
    return "";
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return {
    file: supply.index,
    packages,
    mirrors: supply.imageMirrors,
    ...trusted,
    kubernetes: kubernetes.version,
    calico,
    images: [
      ...kubernetesImages(kubernetes.version),
      ...calicoImages(objects),
      ...metricsImages(kubernetes.metricsServer),
      ...loadBalancerImages(network.loadBalancerCidrs, calico),
      kubernetes.probeImage,
    ],
  };
}
