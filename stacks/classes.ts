/**
 * What a change of each setting does to a cluster that runs. docs/settings.md shows this table; tests hold it against the
 * settings' shape, and against what a changed setting does to the stack's resources.
 */

/** What a change does, from the mildest to what is not done at all. */
export const classes = {
  record: "no machine is asked and nothing in the cluster changes; policies judge it and the state keeps it",
  "new machines": "machines that are made from then on have it; those that run stay as they are",
  "in place": "what is named here is changed while everything runs on; no machine restarts",
  "next start":
    "the hypervisor defines it at once, and the machine has it after its next start, which is yours to choose; until then each verification warns of other CPUs and memory",
  rolling: "control planes take it over one after the other, each once etcd's members are healthy",
  "replaces the machine":
    "the node is drained and leaves the cluster, its machine goes with its disks, and another one is made and joins; a control plane is protected from it by `deletionProtection`, and without that a run takes one at most",
  "take out first":
    "not while its nodes are in the cluster, where an `up` fails or takes them away: take them out of `nodes`, `pulumi up`, change it, then add them",
  refused: "an `up` stops before it changes any machine; what to do instead stands here",
} as const;

export type SettingClass = keyof typeof classes;

/**
 * Path of a setting, its class, and what that means for it. `[kvm]` is a node that names a hypervisor, `[existing]` one
 * that names a machine. A path that has settings below it speaks of all of them.
 */
export type SettingRow = readonly [path: string, setting: SettingClass, what: string];

/** What to do instead of a change that is refused. */
export const anotherCluster = "make another cluster beside this one and move the workloads";
