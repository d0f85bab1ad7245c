import { readFileSync } from "node:fs";
import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { NetworkTrial } from "../../../components/trial/network-trial";

/** Who tries the network: until 0.2.0 a local.Command below the component. */
export interface Input {
  readonly former: boolean;
}

const { former }: Input = JSON.parse(readFileSync(String(process.env.KJERNE_TEST_INPUT), "utf8"));
const facts = { nodes: [], podCidr: "10.244.0.0/16", mtu: 1500, hasRouters: false };

class FormerTrial extends pulumi.ComponentResource {
  constructor(name: string) {
    super("kjerne:trial:NetworkTrial", name);
    const create = "echo tried";
    new local.Command(name, { create, update: create, stdin: "{}", addPreviousOutputInEnv: false }, { parent: this });
  }
}

if (former) new FormerTrial("trial");
else new NetworkTrial("trial", { facts, connections: {} });
