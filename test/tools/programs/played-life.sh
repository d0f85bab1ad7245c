# shellcheck shell=bash
# What a machine looks like, and what being a node does to it. Read by the tests of adopt.sh and release.sh.

# Everything that must be as it was found.
found() {
  grep -H . /state/{packages,tables,rules,sysctls,links,sets}
  ls -d /var/lib/kjerne* /etc/kubernetes /var/lib/kubelet /opt/containerd /etc/kjerne-* /etc/hosts.kjerne* 2>/dev/null
  cat /etc/hosts
}

# Its first state, and no trace of a run before.
reset() {
  rm -rf /var/lib/kjerne* /etc/kubernetes /var/lib/kubelet /opt/containerd /etc/hosts.kjerne*
  mkdir -p /state
  printf 'bash 5.2\ncurl 7.88\n' >/state/packages
  echo 'table ip mine' >/state/tables
  printf '*filter\n-A INPUT -j ACCEPT\nCOMMIT\n' >/state/rules
  echo 'net.ipv4.ip_forward = 0' >/state/sysctls
  : >/state/links
  : >/state/sets
  : >/state/images
  : >/state/log
  echo 0 >/state/steps
}

# Kubernetes, Calico and files of kjerne on it.
live() {
  mkdir -p /etc/kubernetes /var/lib/kubelet/pods /opt/containerd /var/lib/kjerne/files /etc/kjerne-directory
  touch /etc/kubernetes/admin.conf /etc/kjerne-directory/file
  echo '{"paths": ["/etc/kjerne-directory/file"]}' >/var/lib/kjerne/files/base.json
  printf '# kjerne: begin\n10.20.0.11 api\n# kjerne: end\n' >>/etc/hosts
  echo 'table ip kube-proxy' >>/state/tables
  printf '*filter\n:cali-INPUT - [0:0]\n-A INPUT -j ACCEPT\n-A KUBE-SVC -j ACCEPT\nCOMMIT\n' >/state/rules
  echo 'net.ipv4.ip_forward = 1' >/state/sysctls
  echo 'cali1@if3 UP' >/state/links
  echo 'cali40all' >/state/sets
}

# keep: remembers what there is now. again: puts that back.
kept=(/var/lib/kjerne /etc/kubernetes /var/lib/kubelet /opt/containerd /etc/kjerne-directory /etc/hosts)
keep() { tar -cf /state/kept.tar "${kept[@]}" /state/{packages,tables,rules,sysctls,links,sets,images} 2>/dev/null; }
again() { tar -C / -xf /state/kept.tar; }

reset
