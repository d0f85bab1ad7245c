import type { Property, Schema } from "../plugin/schema";

/** `remote.Connection` of the official schema, after the SDK has filled in its defaults. */
export interface Connection {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  readonly hostKey?: string;
  readonly dialErrorLimit?: number;
  readonly perDialTimeout?: number;
  readonly proxy?: Omit<Connection, "proxy">;
}

const ownProperties: Schema = {
  agentSocketPath: { type: "string" },
  dialErrorLimit: { type: "integer" },
  host: { type: "string", required: true },
  hostKey: { type: "string" },
  password: { type: "string", secret: true },
  perDialTimeout: { type: "integer" },
  port: { type: "number" },
  privateKey: { type: "string", secret: true },
  privateKeyPassword: { type: "string", secret: true },
  user: { type: "string" },
};

/** A secret as a whole, and once more each secret in it: the official provider compares states with these marks. */
export const connectionProperty: Property = {
  type: { ...ownProperties, proxy: { type: ownProperties } },
  required: true,
  secret: true,
};
