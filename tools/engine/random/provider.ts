import { version } from "@pulumi/random/package.json";
import type { Provider } from "../plugin/resource-type";
import { randomBytes, randomId, randomInteger, randomUuid, randomUuid7 } from "./numbers";
import { randomPassword, randomString } from "./passwords";
import { randomPet } from "./pet";
import { randomShuffle } from "./shuffle";

/** Stand-in for the random provider 4.21.2. A change of any input replaces, as there. */
export const randomProvider: Provider = {
  name: "random",
  version,
  resources: {
    "random:index/randomBytes:RandomBytes": randomBytes,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomInteger:RandomInteger": randomInteger,
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomPet:RandomPet": randomPet,
    "random:index/randomShuffle:RandomShuffle": randomShuffle,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomUuid:RandomUuid": randomUuid,
    "random:index/randomUuid4:RandomUuid4": randomUuid,
    "random:index/randomUuid7:RandomUuid7": randomUuid7,
  },
  functions: {},
};
