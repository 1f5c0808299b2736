#!/usr/bin/env bash
# First process of a node in a container: makes the container fit for containers within, then reaps until it is told to end.
set -euo pipefail

# mounts that volumes of pods are made of must be seen below
mount --make-rshared /
# without a proc and a sysfs that are fully visible the kernel refuses both to user namespaces
mount -o remount,rw /sys
mkdir -p /dev/.lxc/proc /dev/.lxc/sys
mount -t proc proc /dev/.lxc/proc
mount -t sysfs sys /dev/.lxc/sys
# an example mounts this file into a pod; the kernel cannot map the ids of an overlay, as the root file system here is
cp /usr/lib/os-release /tmp/os-release
mount --bind /tmp/os-release /usr/lib/os-release
ip link set lo up

trap 'exit 0' TERM INT
echo "the node is ready"
while true; do
  sleep 1000 &
  wait $! || true
done
