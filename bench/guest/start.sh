#!/usr/bin/env bash
# Process 1 of a guest: what a script needs of a system, then the script, then power off.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
for kind in proc sysfs:sys tmpfs:run tmpfs:tmp; do
  mount -t "${kind%:*}" none "/${kind#*:}"
done
mkdir -p /run/netns
ip link set lo up
sysctl --quiet --write kernel.printk='1 1 1 1'
stty -F /dev/ttyS1 raw
cd /mnt || exit 1
bash run.sh 3>/dev/ttyS1 && echo "done" >/dev/ttyS1
sync
echo o >/proc/sysrq-trigger
read -r -t 60 _ <>/dev/ttyS0 # process 1 must not end before the machine does
