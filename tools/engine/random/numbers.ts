import { randomBytes as bytes, randomInt, randomUUID } from "node:crypto";
import { type Properties, secret } from "../plugin/property-values";
import type { ResourceType } from "../plugin/resource-type";

/** The official provider's sequence for a seed comes from Go's generator, which is not at hand. */
export function checkSeed({ seed }: Properties) {
  if (seed === undefined || seed === null) return [];
  return [
    { property: "seed", reason: "not served by kjerne's stand-in for the random provider; install the official one" },
  ];
}

const integerInputs = ["keepers", "max", "min", "seed"];

export const randomInteger: ResourceType = {
  inputs: integerInputs,
  required: ["max", "min"],
  outputs: ["result"],
  replaceOnChanges: integerInputs,
  check: (inputs) => [
    ...checkSeed(inputs),
    ...(Number(inputs.min) > Number(inputs.max)
      ? [{ property: "min", reason: `must not be above max, ${inputs.max}, is ${inputs.min}` }]
      : []),
  ],
  create: async ({ inputs }) => {
    const result = randomInt(Number(inputs.min), Number(inputs.max) + 1);
    return { id: String(result), outputs: { result } };
  },
};

const idInputs = ["byteLength", "keepers", "prefix"];

export const randomId: ResourceType = {
  inputs: idInputs,
  required: ["byteLength"],
  outputs: ["b64Std", "b64Url", "dec", "hex"],
  replaceOnChanges: idInputs,
  create: async ({ inputs }) => {
    const random = bytes(Number(inputs.byteLength));
    const prefix = String(inputs.prefix ?? "");
    const hex = random.toString("hex");
    const b64Url = random.toString("base64url");
    return {
      id: b64Url,
      outputs: {
        b64Std: prefix + random.toString("base64"),
        b64Url: prefix + b64Url,
        dec: prefix + BigInt(`0x${hex || "0"}`),
        hex: prefix + hex,
      },
    };
  },
};

const bytesInputs = ["keepers", "length"];

/** The official provider puts the secret itself into the resource's id, which is not encrypted; here the id is `none`. */
export const randomBytes: ResourceType = {
  inputs: bytesInputs,
  required: ["length"],
  outputs: ["base64", "hex"],
  replaceOnChanges: bytesInputs,
  create: async ({ inputs }) => {
    const random = bytes(Number(inputs.length));
    return {
      id: "none",
      outputs: { base64: secret(random.toString("base64")), hex: secret(random.toString("hex")) },
    };
  },
};

export const randomUuid = uuid(randomUUID);

/** Version 7 (RFC 9562): 48 bits of milliseconds since 1970, the rest random. */
export const randomUuid7 = uuid(() => {
  const random = randomUUID().slice(15);
  const time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random}`;
});

function uuid(make: () => string): ResourceType {
  return {
    inputs: ["keepers"],
    required: [],
    outputs: ["result"],
    replaceOnChanges: ["keepers"],
    create: async () => {
      const result = make();
      return { id: result, outputs: { result } };
    },
  };
}
