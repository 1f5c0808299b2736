#!/usr/bin/env bash
# A real LXD or Incus (Debian's package) for tests: its own directory, bridge and pool, apart from any other of the machine.
#
#   lxd.sh install     installs it and what it needs to run containers (Debian; root)
#   lxd.sh start DIR   first clears what an earlier run in DIR left, then starts: API at DIR/unix.socket, a storage pool
#                      `default`, a profile `default` with a root disk, and the bridge
#   lxd.sh down DIR    ends the daemon alone (SIGKILL); containers go on running
#   lxd.sh up DIR      starts the daemon again
#   lxd.sh stop DIR    deletes all instances and the bridge, ends the daemon, removes DIR
#
# DIR has to be short: sockets lie below it. BRIDGE and SUBNET must be unique on the machine. DAEMON is `lxd` or `incus`. MORE_IDS
# (first:count): host ids that containers may ask for beside the daemon's own.
set -euo pipefail

DAEMON=${DAEMON:-lxd}
case $DAEMON in
  lxd) PROGRAM=lxd CLIENT=lxc ADMIN=(lxd) ;;
  incus) PROGRAM=/usr/libexec/incus/incusd CLIENT=incus ADMIN=(incus admin) ;;
  *) echo "DAEMON=$DAEMON: lxd or incus" >&2; exit 2 ;;
esac

BRIDGE=${BRIDGE:-lxetest0}
SUBNET=${SUBNET:-10.79.0.1/24}
MORE_IDS=${MORE_IDS:-}

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends "$DAEMON" busybox-static dnsmasq-base iproute2 iptables kmod
  # without a line of its own root cannot map ids, and then no unprivileged container starts
  local file
  for file in /etc/subuid /etc/subgid; do
    grep -q '^root:' "$file" 2>/dev/null || echo 'root:65536:1000000000' >>"$file"
  done
}

daemon_pid() {
  local pid
  pid=$(cat "$1.pid" 2>/dev/null) || return 1
  # the number may long belong to another process
  tr "\0" " " 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^$PROGRAM " && echo "$pid"
}

wait_gone() {
  local pid=$1 tries=200
  while kill -0 "$pid" 2>/dev/null && ((tries-- > 0)); do sleep 0.05; done
}

# Which of them commands are for.
choose() {
  export LXD_DIR=$1 INCUS_DIR=$1
}

up() {
  local dir=$1
  choose "$dir"
  rm -f "$dir/unix.socket"
  allow_more_ids
  setsid "$PROGRAM" --group root >>"$dir.log" 2>&1 </dev/null &
  echo $! >"$dir.pid"
  "${ADMIN[@]}" waitready --timeout 60
}

# LXD reads what root may map when it starts, newuidmap for each container.
allow_more_ids() {
  local file
  [ -n "$MORE_IDS" ] || return 0
  for file in /etc/subuid /etc/subgid; do grep -qx "root:$MORE_IDS" "$file" || echo "root:$MORE_IDS" >>"$file"; done
}

forget_more_ids() {
  [ -z "$MORE_IDS" ] || sed -i "/^root:$MORE_IDS\$/d" /etc/subuid /etc/subgid
}

down() {
  local pid
  pid=$(daemon_pid "$1") || return 0
  kill -KILL "$pid"
  wait_gone "$pid"
}

delete_instances() {
  local name
  for name in $("$CLIENT" list --all-projects -c n -f csv); do "$CLIENT" delete -f "$name" >/dev/null || true; done
}

# A node in Docker has a directory of the same name, and its processes are seen from here.
is_here() {
  [ "$(readlink "/proc/$1/ns/pid")" = "$(readlink /proc/self/ns/pid)" ]
}

# What is left when the daemon cannot be asked any more.
clear_by_force() {
  local dir=$1 pid network
  for pid in $(grep -lsaF "[lxc monitor] $dir/" /proc/[0-9]*/cmdline | cut -d/ -f3); do
    is_here "$pid" || continue
    pkill -KILL -P "$pid" || true
    kill -KILL "$pid" 2>/dev/null || true
  done
  # its own bridge, and those that suites made in it
  for network in "$BRIDGE" $(ls "$dir/networks" 2>/dev/null); do
    pid=$(cat "$dir/networks/$network/dnsmasq.pid" 2>/dev/null | grep -o '[0-9]*' | head -1) || true
    [ -z "$pid" ] || ! grep -qsaF "$dir/" "/proc/$pid/cmdline" || kill -KILL "$pid" || true
    ip link delete "$network" 2>/dev/null || true
  done
}

# Bridges of twin tests whose LXD was killed and its directory removed; one that runs now keeps its own.
clear_twin_bridges() {
  local link
  for link in /sys/class/net/lxtw[0-9]*; do
    link=${link##*/}
    [ ! -e "/sys/class/net/$link" ] || is_of_running_daemon "$link" || ip link delete "$link" || true
  done
}

is_of_running_daemon() {
  local pid dir
  for pid in $(grep -lsaE '^(lxd|/usr/libexec/incus/incusd).--group' /proc/[0-9]*/cmdline | cut -d/ -f3); do
    dir=$(tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | sed -nE 's/^(LXD|INCUS)_DIR=//p' | head -1)
    [ ! -d "${dir:-/var/lib/lxd}/networks/$1" ] || return 0
  done
  return 1
}

unmount_below() {
  awk -v dir="$1/" 'index($2, dir) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l || true
}

stop() {
  local dir=$1 pid
  choose "$dir"
  if [ -e "$dir/database" ] && { daemon_pid "$dir" >/dev/null || up "$dir"; }; then
    delete_instances
    "$CLIENT" network delete "$BRIDGE" >/dev/null 2>&1 || true
    pid=$(daemon_pid "$dir") || true
    timeout 60 "${ADMIN[@]}" shutdown --timeout 30 || true
    [ -z "$pid" ] || wait_gone "$pid"
  fi
  down "$dir"
  clear_by_force "$dir"
  unmount_below "$dir"
  forget_more_ids
  rm -rf "$dir" "$dir.pid" "$dir.log"
}

start() {
  local dir=$1
  [ ! -e "$dir" ] || stop "$dir" >&2
  mkdir -p "$dir"
  ip link delete "$BRIDGE" 2>/dev/null || true
  clear_twin_bridges
  up "$dir"
  "$CLIENT" storage create default dir >/dev/null
  "$CLIENT" profile device add default root disk path=/ pool=default >/dev/null
  "$CLIENT" network create "$BRIDGE" ipv4.address="$SUBNET" ipv4.nat=true ipv6.address=none >/dev/null
  echo "$dir/unix.socket"
}

case ${1:-}:${2:+dir} in
  install:) install_packages ;;
  start:dir | stop:dir | up:dir | down:dir) "$1" "$2" ;;
  *)
    sed -n '2,13p' "$0"
    exit 2
    ;;
esac
