import { isObject } from "../plugin/property-values";

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

const connectionProperties = [
  "agentSocketPath",
  "dialErrorLimit",
  "host",
  "hostKey",
  "password",
  "perDialTimeout",
  "port",
  "privateKey",
  "privateKeyPassword",
  "proxy",
  "user",
];

/** Mistakes in a connection, by property name. The reasons hold no values, because those are secrets. */
export function checkConnection(path: string, connection: unknown): { property: string; reason: string }[] {
  if (!isObject(connection)) return [];
  const missing =
    connection.host === undefined ? [{ property: `${path}.host`, reason: "missing required property" }] : [];
  const unknown = Object.keys(connection)
    .filter((name) => !connectionProperties.includes(name))
    .map((name) => ({ property: `${path}.${name}`, reason: "unknown property" }));
  return [...missing, ...unknown, ...checkConnection(`${path}.proxy`, connection.proxy)];
}
