import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CalicoFacts } from "../../components/network/calico-manifest";

/** Calico's manifest, shortened to what kjerne edits. */
export const manifest = readFileSync(join(__dirname, "fixtures/calico.yaml"), "utf8");
export const calico: CalicoFacts = {
  podCidr: "10.244.0.0/16",
  blockSize: 26,
  autodetection: "interface=eth0",
  mtu: 9000,
  proxyMode: "ipvs",
  pace: "bare-metal",
};
