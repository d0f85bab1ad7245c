import { hasImages, imagesOf, type NamedImage } from "../kubernetes/images";
import { anyNode, isNode } from "../nodes";
import { at, entriesAt, isProperties, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import type { Hardening } from "./parameters";

const nodeImage = "kjerne:image:NodeImage";
const verification = "kjerne:verify:Verification";

/** A digest always names the same bytes; whoever controls the registry can move a tag. */
export const imageDigest: Rule<Hardening> = {
  id: "SEC-12",
  name: "image-digest",
  title: "Every container image is named by its digest, or lies on the nodes beforehand under its digest.",
  basis: [
    {
      kind: "guidance",
      text: "A tag can point to something else tomorrow; a digest can't.",
      link: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "containers: image, imagePullPolicy; volumes[].image.reference; custom resources: image",
    `${nodeImage}: images`,
    `${anyNode}: images`,
    `${verification}: wanted.probe.image`,
  ],
  scope: "together",
  appliesTo: (resource) => hasImages(resource) || isHolder(resource) || resource.type === verification,
  check(resources) {
    const holders = resources.filter(isHolder);
    const probes = resources.filter(({ type }) => type === verification);
    return [
      ...resources.flatMap(imagesOf).map((image) => judgeImage(image, holders)),
      ...probes.map(({ urn, properties }) =>
        judgeImage(
          {
            urn,
            field: "wanted.probe.image",
            reference: at(properties, "wanted.probe.image"),
            pullPolicy: at(properties, "wanted.probe.imagePullPolicy"),
          },
          holders,
        ),
      ),
      ...holders.flatMap(judgeContents),
    ];
  },
};

/** A node image, or a node that gets its images without one. */
function isHolder(resource: Resource): boolean {
  return resource.type === nodeImage || (isNode(resource) && resource.properties.images !== undefined);
}

/** A node that holds an image already does not pull it, unless `imagePullPolicy` is `Always`. */
function judgeImage({ urn, field, reference, pullPolicy }: NamedImage, holders: readonly Resource[]): Finding {
  const digests = holders.map(({ properties }) => {
    const held = at(properties, "images");
    return isProperties(held) ? held[canonical(reference)] : undefined;
  });
  const preloaded = digests.length > 0 && digests.every(isDigest) && pullPolicy !== "Always" && pullPolicy !== unknown;
  const finding = judged(urn, field, reference, {
    allows: (value) => typeof value === "string" && (/@sha256:[0-9a-f]{64}$/.test(value) || preloaded),
    allowed: "name@sha256:…, or an image that every node has beforehand with its digest and that is not pulled again",
    reason: "Whoever has the registry decides what runs.",
    wayOut: "Append @sha256: and the digest that was reviewed.",
  });
  return preloaded ? { ...finding, read: `${finding.read}, on every node as ${String(digests[0])}` } : finding;
}

function judgeContents({ urn, properties }: Resource): Finding[] {
  return entriesAt(properties, "images").map(({ field, value }) =>
    judged(urn, field, value, {
      allows: isDigest,
      allowed: "sha256: and 64 digits",
      wayOut: "Take the digest from the supply's index.",
    }),
  );
}

const isDigest = (value: Value | undefined) => typeof value === "string" && /^sha256:[0-9a-f]{64}$/.test(value);

/** The full name that containerd gives to an image: `nginx` → `docker.io/library/nginx:latest`. */
function canonical(reference: Value | undefined): string {
  const text = typeof reference === "string" ? reference : "";
  const tagged = /:[^/]+$/.test(text) ? text : `${text}:latest`;
  const [first = "", ...rest] = tagged.split("/");
  if (rest.length === 0) return `docker.io/library/${tagged}`;
  return /[.:]/.test(first) || first === "localhost" ? tagged : `docker.io/${tagged}`;
}
