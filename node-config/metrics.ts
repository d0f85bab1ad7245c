import { versions } from "./versions";

/** metrics-server's, by the name and tag that upstream gives it. */
export const metricsServerImage = `registry.k8s.io/metrics-server/metrics-server:v${versions.supply.metricsServer}`;

/** What a supply must hold beside a cluster's other images. */
export const metricsImages = (wanted?: boolean): readonly string[] => (wanted ? [metricsServerImage] : []);

/** Where it listens on a control plane: a port that only control planes reach. */
export const metricsPort = 10251;
