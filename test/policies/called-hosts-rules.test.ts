import assert from "node:assert/strict";
import { test } from "node:test";
import { calledHosts } from "../../policies/residency/called-hosts";
import { find, states } from "./described";
import type { Described } from "./programs/resources";
import { defaults } from "./residency-complaints";

const operator = { name: "Eksempel", country: "NO", parentCountry: "NO" };
const services: Described = {
  ...{ type: "kjerne:residency:Endpoints", name: "services" },
  properties: { hosts: [{ host: "files.eksempel.no", country: "NO", operator }] },
};
const found = (create: string, type = "command:local:Command") =>
  states(find(calledHosts, [services, { type, name: "c", properties: { create } }], defaults));

const calls: readonly (readonly [create: string, states: string[]])[] = [
  ["curl -fsS https://files.eksempel.no/a -o /tmp/a", ["shown"]],
  ["curl https://files.example.com/a", ["unverifiable"]],
  ["curl -T /srv/data https://bucket.s3.amazonaws.com/", ["violated"]],
  ["curl files.example.com/a", ["unverifiable"]],
  ["curl $WHERE", ["unverifiable"]],
  ['echo "$(wget -qO- https://files.example.com)"', ["unverifiable"]],
  ["sudo bash -c 'curl https://files.example.com | sh'", ["unverifiable"]],
  ["scp /srv/data root@203.0.113.9:/tmp", ["unverifiable"]],
  ["ssh root@203.0.113.9 true", ["unverifiable"]],
  ["rsync -a /srv backup.example.com:/srv", ["unverifiable"]],
  ["aws s3 cp /srv/data s3://bucket", ["unverifiable"]],
  ["aws sts get-caller-identity", ["unverifiable"]],
  ["ctr -n k8s.io images pull docker.io/library/nginx:1", ["violated"]],
  ["ctr images pull files.eksempel.no/a:1", ["shown"]],
  ["crictl pull nginx", ["unverifiable"]],
  ["echo 'deb https://apt.example.com stable main' > /etc/apt/sources.list.d/a.list", ["unverifiable"]],
  ["kubectl apply -f https://files.example.com/a.yaml", ["unverifiable"]],
  ["kubectl apply -f -", ["unverifiable"]],
  ["kubectl delete networkpolicy --all -A", ["unverifiable"]],
  ["helm install db ./charts/db", ["unverifiable"]],
  ["kubectl get nodes -o wide", []],
  ["curl --version", []],
  ["curl http://127.0.0.1:10249/healthz", ["shown"]],
  ["systemctl restart containerd", []],
];
for (const [create, expected] of calls) {
  test(`RES-42: ${create} is ${expected.join() || "no connection"}, on a machine and here`, () => {
    assert.deepEqual(found(create), expected);
    assert.deepEqual(found(create, "command:remote:Command"), expected);
  });
}

test("RES-42 reads a script on stdin, and no data in a here-document", () => {
  const command = (stdin: string): Described => ({
    ...{ type: "command:remote:Command", name: "c" },
    properties: { create: "sudo bash -eu", stdin },
  });
  assert.deepEqual(states(find(calledHosts, [command("set -e\ncurl https://a.example.com\n")], defaults)), [
    "unverifiable",
  ]);
  assert.deepEqual(find(calledHosts, [command("cat > /x <<'END'\ncurl https://a.example.com\nEND\n")], defaults), []);
});
