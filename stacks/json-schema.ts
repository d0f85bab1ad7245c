import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { backupCredentials } from "./backup-credentials";
import { bgpPasswords } from "./bgp-passwords";
import { existingNode, kvmNode } from "./machine-schema";
import { schema } from "./schema";

/** Where the JSON Schema of a stack's settings file lies. `node --import tsx stacks/json-schema.ts` writes it. */
export const schemaFile = join(__dirname, "settings.schema.json");

/** JSON Schema of `Pulumi.<environment>.yaml` for editors: shapes and defaults; what needs a program to judge is left to it. */
export function settingsSchema(): string {
  // In the file a node's keys show which kind it is; `kind` is only in what is read from it.
  const nodes = z.array(z.union([kvmNode.omit({ kind: true }), existingNode.omit({ kind: true })])).min(1);
  const { properties, required, ...rest } = z.toJSONSchema(schema.extend({ nodes }), {
    io: "input",
    target: "draft-7",
  });
  const prefixed = Object.entries(properties ?? {}).map(([key, value]) => [`kjerne:${key}`, value] as const);
  const secret = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };
  const config = {
    ...rest,
    properties: {
      ...Object.fromEntries(prefixed),
      [`kjerne:${bgpPasswords}`]: {
        description: "Passwords of routers by name. `pulumi config set --secret` writes them.",
        anyOf: [secret, { type: "object", additionalProperties: secret }],
      },
      [`kjerne:${backupCredentials}`]: {
        description: "Keys of the store of backup.to.s3. `pulumi config set --secret` writes them.",
        anyOf: [
          secret,
          { type: "object", properties: { accessKeyId: secret, secretAccessKey: secret }, additionalProperties: false },
        ],
      },
    },
    required: (required ?? []).map((key) => `kjerne:${key}`),
    // Of other programs and of Pulumi itself.
    patternProperties: { "^(?!kjerne:).+:": {} },
  };
  const { $schema, ...inside } = config;
  const file = {
    $schema,
    title: "Settings of an environment of kjerne: Pulumi.<environment>.yaml",
    type: "object",
    properties: {
      config: inside,
      secretsprovider: { type: "string" },
      encryptionsalt: { type: "string" },
      encryptedkey: { type: "string" },
      environment: {},
    },
    required: ["config"],
    additionalProperties: false,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

if (require.main === module) writeFileSync(schemaFile, settingsSchema());
