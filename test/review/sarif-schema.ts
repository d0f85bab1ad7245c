import Ajv from "ajv";

/** Errors of a file against the official schema of SARIF 2.1.0, which is in Microsoft's npm package. */
export function sarifProblems(sarif: object): string[] {
  const ajv = new Ajv({ schemaId: "id", meta: false, allErrors: true, unknownFormats: "ignore" });
  ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
  const validate = ajv.compile(require("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
  validate(sarif);
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}
