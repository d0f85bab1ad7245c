import { version } from "@pulumi/random/package.json";
import type { Provider } from "../plugin/resource-type";
import { randomPassword } from "./password";

/** Stand-in for the random provider. A change of any input replaces, as there. */
export const randomProvider: Provider = {
  name: "random",
  version,
  resources: { "random:index/randomPassword:RandomPassword": randomPassword },
};
