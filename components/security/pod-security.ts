/**
 * Labels of a namespace whose pods must not be able to take over their node: level `baseline` is enforced, and the API
 * server warns of what the stricter `restricted` would refuse
 * (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
 */
export const podSecurity = {
  "pod-security.kubernetes.io/enforce": "baseline",
  "pod-security.kubernetes.io/warn": "restricted",
};
