import { PolicyPack } from "@pulumi/policy";
import { packOf } from "../pack";
import { parameters } from "./parameters";
import { rules } from "./rules";

new PolicyPack("kjerne-hardening", packOf(rules, parameters));
