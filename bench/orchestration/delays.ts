/**
 * Seconds that each script took on a machine, by its path below `node-config/`, as `pulumi up` showed them in labs of
 * November 2026 on two cores: those of hypervisors on one that emulates, the others on native nodes.
 */
export const delays: Readonly<Record<string, number>> = {
  "hypervisor/preflight.sh": 20,
  "hypervisor/storage-pool.sh": 2,
  "hypervisor/build-image.sh": 75,
  "hypervisor/create-node.sh": 9,
  "write-files.py": 5,
  "machine/ready.sh": 2,
  "machine/confirm-doors.sh": 1,
  "kubeadm/invite.sh": 0.5,
  "kubeadm/init.sh": 24,
  "kubeadm/join.sh": 23,
  "kubeadm/admit.sh": 9,
  "kubeadm/kube-proxy.sh": 20,
  "kubeadm/own-namespaces.sh": 1,
  "kubeadm/addresses-in-use.sh": 1,
  "kubeadm/routes-seen.sh": 18,
  "kubeadm/check-encryption.sh": 1,
  "kubeadm/advance-encryption.sh": 1,
  "kubeadm/rewrite-encrypted.sh": 1,
  "kubeadm/operator.sh": 1,
};
