import { isObject } from "../plugin/property-values";

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

/** What is wrong with a connection, by property name: never with its values, which are secrets. */
export function checkConnection(path: string, connection: unknown): { property: string; reason: string }[] {
  if (!isObject(connection)) return [];
  const missing =
    connection.host === undefined ? [{ property: `${path}.host`, reason: "missing required property" }] : [];
  const unknown = Object.keys(connection)
    .filter((name) => !connectionProperties.includes(name))
    .map((name) => ({ property: `${path}.${name}`, reason: "unknown property" }));
  return [...missing, ...unknown, ...checkConnection(`${path}.proxy`, connection.proxy)];
}
