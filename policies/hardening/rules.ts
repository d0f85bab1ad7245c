import type { Rule } from "../rule";
import { auditLog } from "./audit-log";
import { commandSecrets, credentialOutput } from "./command-secrets";
import { encryptionAtRest } from "./encryption";
import { imageDigest } from "./images";
import { joinCredentials, kubeadmSettings } from "./kubeadm";
import { objectSecrets } from "./object-secrets";
import { opaqueObjects } from "./opaque-objects";
import type { Hardening } from "./parameters";
import { podSecurity, privilegedPods } from "./pods";
import { wideRoles } from "./rbac";
import { foreseenCommands, sshHostKey } from "./ssh";

/** Every rule of the pack. */
export const rules: readonly Rule<Hardening>[] = [
  sshHostKey,
  foreseenCommands,
  commandSecrets,
  credentialOutput,
  joinCredentials,
  encryptionAtRest,
  auditLog,
  kubeadmSettings,
  podSecurity,
  wideRoles,
  privilegedPods,
  imageDigest,
  opaqueObjects,
  objectSecrets,
];
