#!/usr/bin/env bash
# Defines a node's virtual machine again as create-node.sh did, and starts it where it does not run. One that runs is
# neither stopped nor started anew: what was changed waits for its next start, as it did before. Runs on its hypervisor.
#
# stdin: {"directory": the node's, in the pool}
set -euo pipefail
umask 077
directory=$(jq -r .directory)
virsh define "$directory/domain.xml"
domain=$(python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(tree.parse(sys.argv[1]).getroot().find("name").text)' "$directory/domain.xml")
virsh dumpxml --inactive "$domain" >"$directory/defined.xml"
virsh autostart "$domain"
case $(virsh domstate "$domain") in
  running) ;;
  paused) virsh resume "$domain" ;;
  *) virsh start "$domain" ;;
esac
