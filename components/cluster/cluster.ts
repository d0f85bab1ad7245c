import * as pulumi from "@pulumi/pulumi";
import { CalicoBgp } from "../network/calico-bgp";
import { KubeProxy } from "../network/kube-proxy";
import type { NodeMachine } from "../node/cluster-node";
import { ClusterDefaultDeny } from "../security/cluster-default-deny";
import { NetworkTrial } from "../trial/network-trial";
import type { MainInput } from "../verify/main";
import type { Report } from "../verify/report";
import type { SshTarget } from "../verify/ssh";
import { Verification } from "../verify/verification";
import type { ClusterArgs, OperatorSpec } from "./cluster-args";
import { ControlPlane, startingFirst } from "./control-plane";
import { denyNamespace } from "./denied-namespace";
import { EtcdBackup } from "./etcd-backup";
import { apiOf, bgpFacts, calicoFacts, chosenNetwork, clusterFacts, peersOf, sshHostKeysOf, trialFacts } from "./facts";
import { reachedOnceFixed } from "./fixed-facts";
import { forWorkloads } from "./for-workloads";
import { judgeObjects } from "./judged-objects";
import { clusterProvider } from "./kubeconfig";
import { keepAddresses } from "./load-balancers";
import { connectionsOf, type Member, prepareHosts, readyMembers } from "./machines";
import { meshPasswordOf } from "./mesh-password";
import { missingNodes } from "./missing-nodes";
import { moveProxy } from "./move-proxy";
import { offerFabric, offerToMultus } from "./offer-fabric";
import { Operator } from "./operator";
import { refuseStrangersNamespaces } from "./own-namespaces";
import { reflectorsOf } from "./reflectors";
import { refuseWrong } from "./refuse-wrong";
import { seeRoutes } from "./routes-seen";
import { verifyOften } from "./verify-often";
import { wantedOf } from "./wanted";
import { watchMachines } from "./watch-machines";
import { type CompleteClusterArgs, withDefaults } from "./with-defaults";
import { Workers } from "./workers";

/**
 * A Kubernetes cluster on machines that are reached by SSH: virtual ones that kjerne makes, others that were there before,
 * or both. The constructor lists its parts in the order in which they come up. Facts about the site and its operator are
 * plain inputs of every node, so that policies judge them in a preview.
 */
export class Cluster extends pulumi.ComponentResource {
  /** For operators; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** Name → address. */
  readonly nodeAddresses: Readonly<Record<string, string>>;
  /** What the verification saw on the running cluster after the last change. */
  readonly report: pulumi.Output<Report>;
  /** Kubeconfig of each of `kubernetes.operators`, by name; a secret. */
  readonly operators: pulumi.Output<Readonly<Record<string, string>>>;
  /** Input of another verification, without a deployment; a secret. */
  readonly verification: pulumi.Output<MainInput>;
  /** How each hypervisor is reached, by its name, so that its processors can be watched; a secret. */
  readonly hypervisors: pulumi.Output<Readonly<Record<string, SshTarget>>>;

  constructor(name: string, given: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseWrong(name, given);
    const complete = withDefaults(given);
    const shown = { site: complete.site, sshHostKeys: sshHostKeysOf(complete.nodes), ...chosenNetwork(complete) };
    super("kjerne:cluster:Cluster", name, shown, opts);
    const parent = this;
    const args = reachedOnceFixed(name, complete, parent);
    const facts = clusterFacts(name, args);

    const hosts = prepareHosts(name, args, parent);
    const ready = readyMembers(args, facts, hosts, parent);
    const [first, ...others] = startingFirst(ready.filter(({ role }) => role === "control-plane"));
    const missing = missingNodes([first, ...others].map(({ node }) => node));
    const tried = tryNetwork();
    const members = ready.map((member) => ({ ...member, tried, missing: missing(member.node.name) }));
    const workers = members.filter(({ role }) => role === "worker");
    const controlPlanes = members.filter(({ role }) => role === "control-plane");

    const controlPlane = startControlPlane();
    const backup = args.backup && backUp(args.backup);
    const joined = joinWorkers(first);
    const proxy = balanceServices(first);
    // On destroy, objects in the cluster are dropped from the state together with it instead of being deleted through an
    // API server that is being destroyed.
    const provider = clusterProvider(`${name}-api`, controlPlane.kubeconfig, { parent });
    const inCluster = { provider, deletedWith: controlPlane.goesWithCluster, parent };
    const judged = judgeObjects(name, args, inCluster);
    const kept = keepAddresses(name, args, first.node, { parent, dependsOn: controlPlane });
    const pods = connectPods();
    const everywhere = args.otherNamespaces === "closed" ? [denyEverywhere()] : [];
    const asked = refuseStrangersNamespaces(name, first.node, args.defaultDeny, { parent, dependsOn: controlPlane });
    const behind = { ...inCluster, dependsOn: [pods, ...everywhere, ...asked] };
    const denied = args.defaultDeny.map((one) => denyNamespace(name, args, one, behind));
    const { caHash } = controlPlane;
    const ground = { members, joined: [controlPlane, joined], through: first.node, inCluster, caHash };
    const seen = seeRoutes(facts, ground, { parent, dependsOn: [...ground.joined, ...pods.sessions] });
    const forPods = forWorkloads(name, args, ground, { parent, dependsOn: [pods, seen] });
    const fabric = offerFabric(name, args, { ...inCluster, dependsOn: pods });
    const attached = offerToMultus(name, args, ground, { parent, dependsOn: [pods, ...denied] });
    const watched = verifyOften(name, args, members, { parent, dependsOn: [controlPlane, joined] });
    const states = watchMachines(members, [controlPlane.sets, backup?.sets ?? {}, attached, watched], parent);
    const verification = verifyAll();

    this.kubeconfig = controlPlane.kubeconfig;
    this.nodeAddresses = Object.fromEntries(args.nodes.map((node) => [node.name, node.address]));
    this.report = verification.report;
    this.verification = verification.input;
    const reached = [...hosts].map(([host, { hypervisor }]) => [host, hypervisor.connection] as const);
    this.hypervisors = pulumi.secret(pulumi.output(Object.fromEntries(reached)));
    this.operators = pulumi.secret(pulumi.all(Object.fromEntries(args.kubernetes.operators.map(admitOperator))));
    this.registerOutputs({ nodeAddresses: this.nodeAddresses });

    function tryNetwork(): NetworkTrial {
      return new NetworkTrial(
        `${name}-network-trial`,
        { facts: trialFacts(args), connections: connectionsOf(ready) },
        { parent, dependsOn: ready.map(({ base }) => base) },
      );
    }

    function startControlPlane(): ControlPlane {
      const { deletionProtection } = args;
      const { encryptionKey } = args.kubernetes;
      return new ControlPlane(
        `${name}-control-plane`,
        { facts, nodes: controlPlanes, encryptionKey, deletionProtection },
        { parent },
      );
    }

    function backUp(backup: NonNullable<CompleteClusterArgs["backup"]>): EtcdBackup {
      const [one, ...others] = startingFirst(controlPlanes).map(({ node }) => node) as [NodeMachine, ...NodeMachine[]];
      return new EtcdBackup(
        `${name}-backup`,
        { ...backup, cluster: name, nodes: [one, ...others], after: [controlPlane.done] },
        { parent, dependsOn: controlPlanes.map(({ base }) => base) },
      );
    }

    function joinWorkers({ node: through }: Member): Workers {
      return new Workers(`${name}-workers`, { facts, controlPlane, through, nodes: workers }, { parent });
    }

    function balanceServices({ node }: Member): KubeProxy {
      const moved = moveProxy(args, facts, { node, members }, { parent, dependsOn: controlPlane });
      const given = { proxy: args.kubernetes.proxy, after: [controlPlane.caHash], moved };
      return new KubeProxy(`${name}-kube-proxy`, { facts, node, ...given }, { parent });
    }

    function connectPods(): CalicoBgp {
      const { manifest } = args.calico;
      const meshPassword = meshPasswordOf(name, args.calico.meshPassword, parent);
      return new CalicoBgp(
        `${name}-calico`,
        {
          manifest,
          calico: calicoFacts(args, facts.pace),
          bgp: { ...bgpFacts(args), meshPassword },
          peers: peersOf(args),
          ...reflectorsOf(args, members, first.node),
        },
        { ...inCluster, dependsOn: [proxy, kept, ...judged] },
      );
    }

    // Before calico-node first runs and before any namespace of the settings: no pod is ever without it.
    function denyEverywhere(): ClusterDefaultDeny {
      const dependsOn = [...pods.definitions];
      return new ClusterDefaultDeny(`${name}-default-deny`, { api: apiOf(args) }, { ...inCluster, dependsOn });
    }

    function admitOperator(operator: OperatorSpec): [string, pulumi.Output<string>] {
      const { kubeconfig } = new Operator(
        `${name}-operator-${operator.name}`,
        { facts, operator, through: first.node, caHash, inCluster },
        { parent },
      );
      return [operator.name, kubeconfig];
    }

    function verifyAll(): Verification {
      return new Verification(
        `${name}-verification`,
        {
          wanted: wantedOf(args),
          connections: connectionsOf(members),
          after: [
            ...members.map(({ base }) => base.digest),
            controlPlane.done,
            proxy.done,
            joined.done,
            pods.ready,
            ...(backup ? [backup.done] : []),
            ...forPods.map(({ done }) => done),
            ...states.map(({ putBackAt }) => putBackAt),
          ],
          ...(facts.pace === "emulated" ? { settleSeconds: 1800 } : {}),
        },
        { parent, dependsOn: [seen, ...everywhere, ...denied, ...fabric] },
      );
    }
  }
}
