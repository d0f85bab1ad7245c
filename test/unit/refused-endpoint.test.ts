import { accepted, refused } from "./refused";

const endpoint = (rest: string) => new RegExp(`kubernetes\\.endpoint\\.address is .*${rest}`);
const announced = (address: string) => ({ host: "api.eksempel.no", address, by: "bgp" });
const inside = (network: string) => endpoint(`inside ${network}.*; control planes announce it as a single address`);
const host = /^kubernetes\.endpoint\.host \(.*\): is not a host name: lower-case letters/;

refused([
  ["kubernetes.endpoint.port", 70000, /endpoint\.port \(70000\): Too big/],
  ["kubernetes.endpoint.port", 0, /endpoint\.port \(0\): Too small/],
  ["kubernetes.endpoint.port", "6443", /endpoint\.port \(6443\): .*expected number, received string/],
  ["kubernetes.endpoint.host", "API_Oslo", host],
  ["kubernetes.endpoint.host", "Api.oslo.eksempel.no", host],
  ["kubernetes.endpoint.host", "api.oslo.eksempel.no\n10.20.0.9 mirror.eksempel.no", host],
  ["kubernetes.endpoint.host", "api-.eksempel.no", host],
  ["kubernetes.endpoint.host", "api..eksempel.no", host],
  ["kubernetes.endpoint.host", "api.eksempel.no.", host],
  ["kubernetes.endpoint.host", `${"a".repeat(64)}.no`, host],
  ["kubernetes.endpoint.host", "https://api.oslo.eksempel.no", host],
  ["kubernetes.endpoint.host", "api.oslo.eksempel.no:6443", host],
  ["kubernetes.endpoint.host", "", host],
  ["kubernetes.endpoint.host", "10.20.0.30", /endpoint\.host \(10\.20\.0\.30\): is an address; write a host name/],
  ["kubernetes.endpoint.host", "localhost", /leads back to the machine itself/],
  [
    "kubernetes.endpoint.host",
    "worker1",
    /endpoint\.host is worker1, the name of a node with another address .*; choose/,
  ],
  [
    "kubernetes.endpoint.address",
    "10.20.0.1",
    endpoint("the address of network.gateway, where no API server answers; give"),
  ],
  [
    "kubernetes.endpoint.address",
    "10.20.0.3",
    endpoint("the address of router tor1, where no API server answers; give"),
  ],
  ["kubernetes.endpoint.address", "10.20.0.11", endpoint("the address of hypervisor hv1, where no API server")],
  ["kubernetes.endpoint.address", "10.20.0.41", endpoint("the address of worker worker1, where no API server")],
  ["kubernetes.endpoint.address", "10.20.0.255", endpoint("the broadcast address of network.nodeCidr")],
  ["kubernetes.endpoint.address", "10.30.0.1", endpoint("outside network.nodeCidr")],
  [
    "kubernetes.endpoint",
    { host: "api.eksempel.no", address: "10.20.0.31", port: 8443 },
    /port is 8443; cp1 listens on 6443/,
  ],
  [
    "kubernetes.endpoint",
    { host: "api.eksempel.no", address: "10.20.0.31", by: "vrrp" },
    endpoint("cp1's own; control planes that have it in turn need one that nothing has"),
  ],
  [
    "kubernetes.endpoint",
    { host: "api.eksempel.no", address: "10.20.0.41", by: "vrrp" },
    endpoint("the address of worker worker1"),
  ],
  [
    "kubernetes.endpoint",
    { host: "api.eksempel.no", address: "10.20.0.30", port: 443, by: "vrrp" },
    /port is 443; cp1 listens on 6443 and nothing stands before it/,
  ],
  ["kubernetes.endpoint", { host: "api.eksempel.no", address: "10.20.0.30", by: "ospf" }, /endpoint\.by \(ospf\)/],
  ["kubernetes.endpoint", announced("10.20.0.30"), inside("network\\.nodeCidr 10\\.20\\.0\\.0/24")],
  ["kubernetes.endpoint", announced("10.20.0.31"), endpoint("cp1's own; control planes that have it together need")],
  ["kubernetes.endpoint", announced("10.244.9.9"), inside("network\\.podCidr")],
  ["kubernetes.endpoint", announced("10.96.0.1"), inside("network\\.serviceCidr")],
  [
    "kubernetes.endpoint",
    { ...announced("10.99.0.1"), port: 443 },
    /port is 443; cp1 listens on 6443 and nothing stands before it/,
  ],
]);

accepted([
  ["kubernetes.endpoint", { host: "api", address: "10.20.0.31" }],
  ["kubernetes.endpoint", { host: "api.oslo.eksempel.no", address: "10.20.0.30", port: 8443 }],
  ["kubernetes.endpoint", announced("10.99.0.1")],
]);
