import { stringify } from "yaml";

/** Configuration files of Kubernetes and kubeadm, as texts that commands carry to machines. */

/** Settings that meet the CIS benchmark, in the form of kubeadm: one document after another. */
export const settings = `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{ ttl: 1m0s }]
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.3
apiServer:
  extraArgs:
    - { name: authentication-config, value: /etc/kubernetes/authentication.yaml }
    - { name: enable-admission-plugins, value: "NodeRestriction,DenyServiceExternalIPs" }
    - { name: encryption-provider-config, value: /etc/kubernetes/encryption.yaml }
    - { name: audit-policy-file, value: /etc/kubernetes/audit.yaml }
    - { name: audit-log-path, value: /var/log/audit.log }
    - { name: audit-log-maxage, value: "30" }
    - { name: audit-log-maxbackup, value: "10" }
    - { name: audit-log-maxsize, value: "100" }
    - { name: kubelet-certificate-authority, value: /etc/kubernetes/pki/ca.crt }
    - { name: service-account-extend-token-expiration, value: "false" }
    - { name: profiling, value: "false" }
    - { name: tls-min-version, value: VersionTLS12 }
controllerManager: { extraArgs: [{ name: profiling, value: "false" }] }
scheduler: { extraArgs: [{ name: profiling, value: "false" }] }
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
streamingConnectionIdleTimeout: 5m0s
rotateCertificates: true
serverTLSBootstrap: true
podPidsLimit: 4096
seccompDefault: true
protectKernelDefaults: true
`;

export const encryption = (provider: string) => `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
  - resources: [secrets]
    providers: [${provider}, { identity: {} }]
`;

export const audit = (rules: string) => `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
${rules}`;
export const secretsAside =
  '  - { level: Metadata, resources: [{ group: "", resources: [secrets] }] }\n  - { level: RequestResponse }\n';

export const join = (discovery: string) => `apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery: { bootstrapToken: { ${discovery} } }
`;

/** Files as kjerne's NodeFiles packs them. */
export const packed = (files: Readonly<Record<string, string>>) =>
  JSON.stringify({
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, { lines: text.split("\n") }])),
  });

export const kubelet = (line: string) =>
  `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${line}\n`;
export const init = (lines: string) => `apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n${lines}\n`;

const versions = {
  ...{ InitConfiguration: "kubeadm.k8s.io/v1beta4", JoinConfiguration: "kubeadm.k8s.io/v1beta4" },
  ...{ ClusterConfiguration: "kubeadm.k8s.io/v1beta4", KubeletConfiguration: "kubelet.config.k8s.io/v1beta1" },
  ...{ KubeProxyConfiguration: "kubeproxy.config.k8s.io/v1alpha1", Policy: "audit.k8s.io/v1" },
  ...{ EncryptionConfiguration: "apiserver.config.k8s.io/v1", AdmissionConfiguration: "apiserver.config.k8s.io/v1" },
};

/** A configuration file with this content. */
export const fileOf = (kind: keyof typeof versions, content: object): string =>
  stringify({ apiVersion: versions[kind], kind, ...content });
