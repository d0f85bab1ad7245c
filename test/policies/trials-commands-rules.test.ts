import assert from "node:assert/strict";
import { test } from "node:test";
import { callsIn } from "../../policies/commands/shell";
import { commandSecrets, credentialOutput } from "../../policies/hardening/command-secrets";
import { joinCredentials, kubeadmSettings } from "../../policies/hardening/kubeadm";
import { isViolation } from "../../policies/rule";
import { find } from "./described";
import { kubelet } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

const words = (text: string) => callsIn(text).map((call) => call.words.join(" "));

test("a text is read as a shell reads it: quotes, line breaks, comments, substitutions, here-documents", () => {
  assert.deepEqual(words("a 'b  c' \"d e\" f\\ g"), ["a b  c d e f g"]);
  assert.deepEqual(words("a && b || c; d | e & f\ng"), ["a", "b", "c", "d", "e", "f", "g"]);
  assert.deepEqual(words("a # b; c\nd 'e # f'"), ["a", "d e # f"]);
  assert.deepEqual(words('a $(b c) "x $(d)" `e`'), ["a $(…) x $(d) $(…)", "b c", "d", "e"]);
  assert.deepEqual(words("cat <<'END'\ncurl x\nEND\nls"), ["cat", "ls"]);
  assert.deepEqual(words("if a; then b; fi; (c)"), ["a", "b", "c"]);
  assert.deepEqual(words("a \\\n b"), ["a b"]);
  assert.deepEqual(words("a 2>&1 >out b"), ["a b"]);
  assert.deepEqual(callsIn("A=1 B='x y' run")[0]?.variables, [
    { name: "A", value: "1" },
    { name: "B", value: "x y" },
  ]);
  assert.deepEqual(words(""), []);
  for (const odd of ["'", '"', "`", "$(", "((", "<<X", "\\", "a <<X\nb"]) assert.doesNotThrow(() => callsIn(odd));
});

const secret = "hunter2hunter2";
const carried = [
  `sshpass -p ${secret} ssh root@10.20.0.31`,
  `mysql -u shop -p${secret}`,
  `sudo -u root mysql --password=${secret}`,
  `curl -u me:${secret} https://mirror.eksempel.no`,
  `curl --user 'me:${secret}' https://mirror.eksempel.no`,
  `AWS_SECRET_ACCESS_KEY=${secret} run`,
  `export GITHUB_TOKEN=${secret}; run`,
  `run "Server=db;Uid=me;Pwd=${secret}"`,
  "git clone https://ghp_0123456789abcdefghij0123456789@git.eksempel.no/a",
  "vault login hvs.0123456789abcdefghijklmn",
  `echo ${Buffer.from(`PASSWORD=${secret}`).toString("base64")} | base64 -d`,
  `bash -c 'mysql -p${secret}'`,
];
for (const create of carried) {
  test(`SEC-03 refuses ${create}, and does not repeat the secret`, () => {
    const found = find(commandSecrets, [command("c", { create })], defaults).filter(isViolation);
    assert.notDeepEqual(found, []);
    assert.ok(!JSON.stringify(found).includes(secret));
  });
}

test("SEC-03 refuses a secret in the environment of a command, by its name or form", () => {
  for (const environment of [{ AWS_SECRET_ACCESS_KEY: secret }, { DSN: `Server=db;Pwd=${secret}` }])
    assert.notDeepEqual(find(commandSecrets, [command("c", { environment })], defaults).filter(isViolation), []);
});

const harmless = [
  "mysql -p shop",
  "curl -u $USER:$PASSWORD https://mirror.eksempel.no",
  "curl -u me https://mirror.eksempel.no",
  "mkdir -p /srv/shop && PWD=/srv pwd",
  "TOKEN=$(cat /run/token) run",
];
for (const create of harmless) {
  test(`SEC-03 accepts ${create}`, () => {
    assert.deepEqual(find(commandSecrets, [command("c", { create })], defaults).filter(isViolation), []);
  });
}

const printing: readonly [create: string, prints: boolean][] = [
  ["cat /etc/kubernetes/pki/ca.key", true],
  ["sudo base64 -w0 /etc/kubernetes/pki/sa.key", true],
  ["kubectl get secret db -o yaml", true],
  ["kubectl -n shop get secrets -o=jsonpath={.items[0].data}", true],
  ["cat /root/.ssh/id_ed25519", true],
  ["kubectl get secrets", false],
  ["kubectl get secret db -o name", false],
  ["cat /etc/kubernetes/pki/ca.crt", false],
  ["cat /run/ca.key > /etc/kubernetes/pki/ca.key", false],
];
for (const [create, prints] of printing) {
  test(`for SEC-04 ${create} ${prints ? "prints" : "does not print"} a secret`, () => {
    assert.equal(find(credentialOutput, [command("c", { create })], defaults).length > 0, prints);
  });
}

const joins: readonly [create: string, isSafe: boolean][] = [
  ["kubeadm join 10.20.0.30:6443 --token $T --discovery-token-unsafe-skip-ca-verification", false],
  ["kubeadm join 10.20.0.30:6443 --token $T", false],
  ["kubeadm token create --ttl 0", false],
  [`kubeadm join 10.20.0.30:6443 --discovery-token-ca-cert-hash sha256:${"0".repeat(64)}`, true],
  ["kubeadm join --config /run/join.yaml", true],
  ["kubeadm token create --ttl 15m", true],
];
for (const [create, isSafe] of joins) {
  test(`SEC-05 ${isSafe ? "accepts" : "refuses"} ${create}, on a line and in a script on stdin`, () => {
    for (const properties of [{ create }, { create: "bash -eu", stdin: `set -e\n${create}\n` }])
      assert.equal(
        find(joinCredentials, [command("c", properties)], defaults).filter(isViolation).length === 0,
        isSafe,
      );
  });
}

test("SEC-08 finds a document whose kind has a comment or quotes", () => {
  const plain = kubelet("");
  const judged = (stdin: string) => find(kubeadmSettings, [command("c", { stdin })], defaults).length;
  assert.ok(judged(plain) > 5);
  for (const kind of [
    "kind: KubeletConfiguration # main",
    '"kind": KubeletConfiguration',
    'kind: "KubeletConfiguration"',
  ])
    assert.equal(judged(plain.replace("kind: KubeletConfiguration", kind)), judged(plain), kind);
});
