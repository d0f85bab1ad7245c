import { matching, type Rule } from "./rule";

const letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/** Public key of age, of the kind that age-keygen makes. */
export const recipient: Rule = (text) => {
  if (/AGE-SECRET-KEY-/i.test(text))
    return "is a private key, which can decrypt every backup: consider it known to others, make another with age-keygen, and write its public key, age1…";
  if (!/^age1[a-z0-9]+$/.test(text))
    return "is not a public key of age such as age1… (`age-keygen -y identity.txt` prints it); keys of SSH are not taken";
  return isWhole(text) ? undefined : "is not a whole public key of age: a letter is wrong or missing; copy it again";
};

/** Whether the checksum at the end is that of the rest: BIP 173, which age keeps to. */
function isWhole(text: string): boolean {
  const values = [...text.slice(4)].map((letter) => letters.indexOf(letter));
  const prefix = [..."age"].map((letter) => letter.charCodeAt(0));
  const all = [...prefix.map((code) => code >> 5), 0, ...prefix.map((code) => code & 31), ...values];
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  const sum = all.reduce((before, value) => {
    const shifted = ((before & 0x1ffffff) << 5) ^ value;
    return generators.reduce((now, generator, bit) => ((before >> (25 + bit)) & 1 ? now ^ generator : now), shifted);
  }, 1);
  return values.length === 58 && !values.includes(-1) && sum === 1;
}

export const bucket: Rule = matching(
  /^[a-z0-9]([a-z0-9-]{1,61})[a-z0-9]$/,
  "is not the name of a bucket: 3 to 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
);

export const region: Rule = matching(
  /^[a-z0-9-]{1,63}$/,
  "is not a region such as no-oslo-1; where the store has none, leave it out",
);

/** rclone reads more into other signs. */
export const prefix: Rule = matching(
  /^([\w.-]+(\/[\w.-]+)*)?$/,
  "is not a path in the bucket such as clusters/oslo: letters, digits and . _ -, without a slash at its ends",
);

/** A word that stands on a line of rclone's configuration. */
export const credential: Rule = (text) =>
  /^[\x21-\x7e]{1,512}$/.test(text) ? undefined : "is empty, or has a blank or a letter that no key of S3 has";
