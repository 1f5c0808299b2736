#!/usr/bin/env bash
# Docker of one's own for the arms in Docker, where none runs: its own directory and socket; it changes no rule of the firewall.
#
#   docker.sh install     Debian's docker.io and debootstrap (root)
#   docker.sh start DIR   prints what DOCKER_HOST has to be; what an earlier run in DIR left is ended first
#   docker.sh stop DIR    ends it; images stay in DIR for the next run
set -euo pipefail

daemon_pid() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  # the number may long belong to another process
  tr "\0" " " 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^dockerd .*$1/" && echo "$pid"
}

install_packages() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends docker.io debootstrap
}

start() {
  local dir=$1 tries=300
  stop "$dir"
  mkdir -p "$dir"
  export DOCKER_HOST=unix://$dir/docker.sock
  # nodes have no network, and images are built in the host's
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/pid" -H "$DOCKER_HOST" --iptables=false --bridge=none \
    >"$dir/log" 2>&1 </dev/null &
  until docker version >/dev/null 2>&1; do
    ((tries-- > 0)) || { tail -n 20 "$dir/log" >&2; return 1; }
    sleep 0.1
  done
  echo "$DOCKER_HOST"
}

stop() {
  local dir=$1 pid tries=300
  pid=$(daemon_pid "$dir") || return 0
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null && ((tries-- > 0)); do sleep 0.1; done
}

case ${1:-}:${2:+dir} in
  install:) install_packages ;;
  start:dir | stop:dir) "$1" "$2" ;;
  *)
    sed -n '2,6p' "$0"
    exit 2
    ;;
esac
