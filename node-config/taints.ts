export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What kubeadm gives a node of which the settings say nothing. */
export const kubeadmTaints: Readonly<Record<"control-plane" | "worker", readonly Taint[]>> = {
  "control-plane": [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }],
  worker: [],
};

/** Of a node that has joined, until others have routes to its pods: `routes-seen.sh` takes it off. */
export const routesNotSeen: Taint = { key: "kjerne.io/routes-not-seen", effect: "NoSchedule" };
