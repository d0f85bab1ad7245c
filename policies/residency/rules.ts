import type { Rule } from "../rule";
import { backupElsewhere, backupLocation, keyCustody } from "./backups";
import { calledHosts } from "./called-hosts";
import { knownKinds } from "./closed-world";
import { declaredClusters } from "./clusters";
import { endpointRules } from "./endpoints";
import { dataCentreRegistration, dataClass, nodeLocation } from "./location";
import { declaredMachines } from "./machines";
import { namedHosts } from "./named-hosts";
import { nsmFactors } from "./nsm";
import type { Residency } from "./parameters";
import { operatorJurisdiction, supportAccess } from "./people";
import { stateBackend, stateSecrets } from "./state";
import { takenBackups } from "./taken-backups";
import { telemetryOff } from "./telemetry";
import { transferBasis } from "./transfers";
import { volumeLocation } from "./volumes";

/** Every rule of the pack. */
export const rules: readonly Rule<Residency>[] = [
  nodeLocation,
  declaredMachines,
  dataClass,
  volumeLocation,
  backupLocation,
  keyCustody,
  backupElsewhere,
  stateBackend,
  stateSecrets,
  ...endpointRules,
  telemetryOff,
  operatorJurisdiction,
  supportAccess,
  transferBasis,
  dataCentreRegistration,
  ...nsmFactors,
  knownKinds,
  declaredClusters,
  namedHosts,
  calledHosts,
  takenBackups,
];
