#!/usr/bin/env bash
# Prints what the API server holds, cut down to what is judged, as JSON: {LIST: {status, stdout, stderr}}. It judges
# nothing and changes nothing. Runs on a control plane. When the API server can't be read, every list says why.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

# All of it at once: each kubectl is a large program that starts anew, and each jq reads it all.
cluster() {
  local calico=ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org,globalnetworkpolicies.crd.projectcalico.org
  local workloads=deployments.apps,statefulsets.apps storage=persistentvolumes,storageclasses.storage.k8s.io
  local admission=validatingadmissionpolicies,validatingadmissionpolicybindings
  kubectl get --all-namespaces --output json \
    "nodes,pods,services,endpointslices,networkpolicies,$workloads,$storage,$admission,$calico" | jq -c '
    def of($kinds): .items | map(select(.kind | IN($kinds[])));
    def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
    # An EndpointSlice has a name of its own, and says in a label which Service it belongs to.
    def service: .metadata.labels["kubernetes.io/service-name"] // .metadata.name;
    # Why a pod does not run, in the words of the API server: Evicted, CrashLoopBackOff, Unschedulable.
    def reason:
      .status.reason
      // ([.status.initContainerStatuses[]?, .status.containerStatuses[]? | select(.ready | not)
          | .state | .waiting.reason // .terminated.reason // empty] | first)
      // ([.status.conditions[]? | select(.type == "PodScheduled" and .status == "False") | .reason] | first)
      // "";
    def addresses: [.endpoints[]? | select(.conditions.ready != false) | .addresses[]];
    [of(["EndpointSlice"])[] | select(addresses != []) | "\(.metadata.namespace)/\(service)"] as $served
    | {
      nodes: of(["Node"])
        | map({name: .metadata.name, ready: ready, version: .status.nodeInfo.kubeletVersion,
            schedulable: (.spec.unschedulable != true), labels: (.metadata.labels // {}),
            taints: (.spec.taints // [] | map({key, value, effect}))}),
      pods: of(["Pod"])
        | map({namespace: .metadata.namespace, name: .metadata.name, node: .spec.nodeName,
            phase: .status.phase, ready: ready, reason: reason,
            owner: (.metadata.ownerReferences[0] | if . then "\(.kind)/\(.name)" else "" end),
            terminatingSeconds:
              (.metadata.deletionTimestamp | if . then now - fromdateiso8601 | floor else null end)}),
      workloads: of(["Deployment", "StatefulSet"])
        | map({namespace: .metadata.namespace, name: .metadata.name, kind,
            wanted: (.spec.replicas // 1), ready: (.status.readyReplicas // 0)}),
      services: of(["Service", "EndpointSlice"])
        | map(select(service | IN("kubernetes", "kube-dns")))
        | map({kind, namespace: .metadata.namespace, service: service, address: .spec.clusterIP,
            ports: (.ports // .spec.ports // [] | map({name, protocol, port})), endpoints: addresses}),
      loadBalancers: of(["Service"])
        | map(select(.spec.type == "LoadBalancer" and .spec.loadBalancerClass == null and .spec.loadBalancerIP == null
            and (.metadata.annotations // {} | keys | any(test("[lL]oadBalancerIPs$|address-pool$|ipv[46]pools$")) | not))
          | {name: "\(.metadata.namespace)/\(.metadata.name)", addresses: [.status.loadBalancer.ingress[]?.ip // empty]}),
      unserved: ((of(["Service"]) | map(select(.spec.selector) | "\(.metadata.namespace)/\(.metadata.name)")) - $served),
      policies: of(["NetworkPolicy"]) | map({namespace: .metadata.namespace, name: .metadata.name, spec}),
      globalPolicies: of(["GlobalNetworkPolicy"]) | map({name: .metadata.name, spec}),
      admission: (INDEX(of(["ValidatingAdmissionPolicy"])[]; .metadata.name) as $policies
        | of(["ValidatingAdmissionPolicyBinding"])
        | map({policy: .spec.policyName, actions: .spec.validationActions,
            failurePolicy: ($policies[.spec.policyName].spec.failurePolicy // "")})),
      # Others are for addresses of Services.
      pools: of(["IPPool"]) | map(select(.spec.allowedUses != ["LoadBalancer"]) | {name: .metadata.name} + .spec),
      blocks: of(["BlockAffinity"]) | map(.spec),
      storageClasses: of(["StorageClass"])
        | map({name: .metadata.name, provisioner, volumeBindingMode, reclaimPolicy}),
      volumes: of(["PersistentVolume"]) | map(select(.spec.local)
        | {name: .metadata.name, phase: .status.phase, storageClass: .spec.storageClassName,
            directory: .spec.local.path, size: .spec.capacity.storage,
            claim: (.spec.claimRef | if . then "\(.namespace)/\(.name)" else "" end)})
    }'
}
export -f cluster

# Whether the API server takes a privileged pod with the node's disk in the namespace default; it keeps nothing of it.
privileged_pod() {
  local pod answer
  pod=$(jq -nc '{apiVersion: "v1", kind: "Pod", metadata: {name: "kjerne-verify-privileged"}, spec: {
    volumes: [{name: "node", hostPath: {path: "/"}}],
    containers: [{name: "shell", image: "none", securityContext: {privileged: true},
      volumeMounts: [{name: "node", mountPath: "/node"}]}]}}')
  answer=$(kubectl create --namespace default --dry-run=server --filename - 2>&1 <<<"$pod") ||
    [[ $answer = "Error from server"* ]] || { echo "$answer" >&2; return 1; } # a refusal is an answer
  echo "$answer"
}
export -f privileged_pod
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}

# Nodes of which metrics-server knows CPU and memory.
measured() {
  kubectl get --raw /apis/metrics.k8s.io/v1beta1/nodes |
    jq -c '[.items[] | select(.usage.cpu and .usage.memory) | .metadata.name]'
}
export -f measured

everything() {
  reading cluster cluster
  reading privilegedPod privileged_pod
  reading measured measured
}

readings everything | jq '
  .cluster as $all
  | {privilegedPod, measured} + if $all.status == 0 then $all.stdout | fromjson | map_values({status: 0, stdout: tojson, stderr: ""})
    else ["nodes", "pods", "workloads", "services", "loadBalancers", "unserved", "policies", "globalPolicies", "admission", "pools", "blocks", "storageClasses", "volumes"] | map({(.): $all}) | add
    end'
