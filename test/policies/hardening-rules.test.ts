import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { credentialOutput } from "../../policies/hardening/command-secrets";
import { rules } from "../../policies/hardening/rules";
import { isViolation, message } from "../../policies/rule";
import { find, states, unknownValue } from "./described";
import { careless, command, hardened, secrets } from "./hardening-programs";
import { defaults, ruleOf } from "./hardening-rules";
import { container, object, workload } from "./objects";
import { testWithoutEngine } from "./refusals";

testWithoutEngine({ rules, right: hardened, wrongs: careless }, defaults);

test("no message of the hardening pack holds a secret that a rule has read", () => {
  const canary = "canary-0123456789abcdef";
  const everywhere = { hostKey: canary, password: canary, proxy: { hostKey: canary, password: canary } };
  const commands = [
    command("c", {
      connection: everywhere,
      create: `TOKEN=${canary}`,
      environment: { A_TOKEN: canary, B: `x://u:${canary}@h` },
    }),
    command("d", { triggers: [`--token ${canary}`], delete: [`Bearer ${canary}`], stdin: canary }),
  ];
  const said = rules.flatMap((rule) => find(rule, commands, defaults).map((finding) => message(rule, finding)));
  assert.ok(said.length > 8);
  for (const text of said) assert.ok(!text.includes(canary), text);

  const about = careless.flatMap(({ policy, resource }) =>
    find(ruleOf(policy), [resource], defaults).map((f) => message(ruleOf(policy), f)),
  );
  for (const secret of secrets) assert.ok(!about.join().includes(secret));
});

test("an unknown value is a violation for each rule of the hardening pack", () => {
  const late: readonly [string, ReturnType<typeof command>][] = [
    ["ssh-host-key", command("a", { connection: { hostKey: unknownValue } })],
    ["foreseen-commands", command("b", { connection: unknownValue })],
    ["foreseen-commands", command("c", { update: unknownValue })],
    ["command-secrets", command("d", { environment: unknownValue })],
    ["command-secrets", command("e", { environment: { LANG: unknownValue } })],
    ["privileged-pods", workload("f", "shop", unknownValue as never)],
    ["privileged-pods", workload("g", "shop", container({ securityContext: unknownValue }))],
    ["privileged-pods", workload("h", "shop", { ...container(), volumes: unknownValue })],
    ["image-digest", workload("i", "shop", container({ image: unknownValue }))],
    ["image-digest", workload("j", "shop", { containers: unknownValue })],
    ["pod-security", object("core/v1:Namespace", "k", {})],
    ["wide-roles", object("rbac.authorization.k8s.io/v1:Role", "l", { rules: unknownValue })],
    ["wide-roles", object("rbac.authorization.k8s.io/v1:RoleBinding", "m", { roleRef: unknownValue })],
  ];
  for (const [name, resource] of late) {
    assert.ok(find(ruleOf(name), [resource], defaults).some(isViolation), `${name}: ${resource.name}`);
  }
});

test("SEC-02 judges an unknown command line by what the kjerne component directly around it states", () => {
  const rule = ruleOf("foreseen-commands");
  const script = (commandLine: string) => ({ type: "any:Script", name: "script", properties: { commandLine } });
  const late = command("late", { create: unknownValue }, { parent: "script" });
  assert.deepEqual(states(find(rule, [{ ...script("bash ready.sh"), type: "kjerne:a:B" }, late], defaults)), ["shown"]);
  const telling = { ...script("join --token abcdef.0123456789abcdef"), type: "kjerne:a:B" };
  assert.deepEqual(states(find(rule, [telling, late], defaults)), ["violated"]);
  assert.deepEqual(states(find(rule, [late], defaults)), ["unverifiable"]);
});

test("a ControlPlane component without configuration files is unverifiable for SEC-06, SEC-07 and SEC-08", () => {
  const controlPlane = { type: "kjerne:cluster:ControlPlane", name: "cp", properties: {} };
  for (const name of ["encryption-at-rest", "audit-log", "kubeadm-settings"]) {
    assert.ok(find(ruleOf(name), [controlPlane], defaults).every(isViolation), name);
    assert.notDeepEqual(find(ruleOf(name), [controlPlane], defaults), [], name);
  }
});

test("leaving out one argument for the control plane is one violation, which names the argument", () => {
  const files = hardened.find(({ name }) => name === "files");
  const stdin = String(files?.properties.stdin);
  const removable = stdin.match(/- \{ name: [a-z-]+, value: [^}]+ \}/g) ?? [];
  assert.ok(removable.length >= 12);
  for (const argument of removable) {
    const name = /name: ([a-z-]+)/.exec(argument)?.[1];
    const without = command("files", { stdin: stdin.replace(argument, "- { name: v, value: x }") });
    const found = ["encryption-at-rest", "audit-log", "kubeadm-settings"].flatMap((rule) =>
      find(ruleOf(rule), [...hardened.filter((resource) => resource.name !== "files"), without], defaults),
    );
    const wrong = found.filter(isViolation);
    assert.equal(wrong.length, 1, `${name}: ${JSON.stringify(wrong)}`);
    assert.match(wrong[0]?.field ?? "", new RegExp(`--${name}$`));
  }
});

test("of kjerne's own scripts only kubeadm/init.sh and kubeadm/operator.sh print credentials", () => {
  const directory = join(__dirname, "../../node-config");
  const scripts = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".sh"));
  assert.ok(scripts.length > 8);
  const printing = scripts.filter((path) => {
    const stdin = readFileSync(join(directory, path), "utf8");
    return find(credentialOutput, [command(path, { create: "bash", stdin })], defaults).some(isViolation);
  });
  assert.deepEqual(printing, ["kubeadm/init.sh", "kubeadm/operator.sh"]);
});
