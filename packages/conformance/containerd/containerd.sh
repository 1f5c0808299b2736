#!/usr/bin/env bash
# containerd 2 as the reference CRI runtime, beside lxe, from Debian's packages: what a scenario asks for must hold here, too,
# and a benchmark runs here in the same run as lxe.
#
#   containerd.sh install     runc, CNI plugins, iptables; containerd 2 unpacked below /opt/containerd2 (Debian; root)
#   containerd.sh start DIR   first clears what an earlier run in DIR left, then starts: CRI at DIR/containerd.sock
#   containerd.sh down DIR    ends the daemon alone (SIGKILL); containers go on running
#   containerd.sh up DIR      starts the daemon again
#   containerd.sh stop DIR    ends all containers and the daemon, removes DIR and the bridge
#
# DIR has to be short: sockets lie below it. BRIDGE and SUBNET must be unique on the machine. REGISTRY (host:port, plain HTTP) is
# asked instead of any other registry; more can be told by files in DIR/certs.d. PAUSE is the sandbox's image.
set -euo pipefail

HERE=/opt/containerd2
BRIDGE=${BRIDGE:-lxectr0}
SUBNET=${SUBNET:-10.213.79.0/24}
PAUSE=${PAUSE:-registry.k8s.io/pause:3.10}
PATH=$HERE/usr/bin:$PATH

install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y --no-install-recommends runc containernetworking-plugins iptables iproute2
  [ ! -x $HERE/usr/bin/containerd ] || return 0
  # unpacked beside the packages of this release, whose containerd belongs to Docker
  local work uri
  work=$(mktemp -d)
  uri=$(awk '/^URIs:/{print $2; exit} /^deb /{for(i=2;i<=NF;i++) if($i ~ /^http/){print $i; exit}}' \
    $(ls /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null))
  mkdir -p "$work"/lists/partial "$work"/cache/archives/partial $HERE
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri sid main" >"$work/sources.list"
  cat >"$work/apt.conf" <<A
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/none";
APT::Sandbox::User "root";
A
  (cd "$work" && APT_CONFIG=$work/apt.conf apt-get update -qq && APT_CONFIG=$work/apt.conf apt-get download -qq containerd)
  dpkg -x "$work"/containerd_*.deb $HERE
  rm -rf "$work"
}

write_config() {
  local dir=$1 mirror
  mkdir -p "$dir"/{root,state,cni,certs.d}
  if [ -n "${REGISTRY:-}" ]; then
    mirror="http://$REGISTRY"
    mkdir -p "$dir/certs.d/_default"
    printf 'server = "%s"\n[host."%s"]\n  capabilities = ["pull","resolve"]\n' "$mirror" "$mirror" >"$dir/certs.d/_default/hosts.toml"
  fi
  cat >"$dir/cni/10-conformance.conflist" <<C
{"cniVersion":"1.0.0","name":"conformance","plugins":[
 {"type":"bridge","bridge":"$BRIDGE","isGateway":true,"ipMasq":true,"hairpinMode":true,
  "ipam":{"type":"host-local","dataDir":"$dir/ipam","ranges":[[{"subnet":"$SUBNET"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
C
  cat >"$dir/config.toml" <<C
version = 3
root = "$dir/root"
state = "$dir/state"
[grpc]
  address = "$dir/containerd.sock"
[plugins."io.containerd.cri.v1.images".registry]
  config_path = "$dir/certs.d"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "$PAUSE"
[plugins."io.containerd.cri.v1.runtime"]
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.cri.v1.runtime".cni]
    bin_dirs = ["/usr/lib/cni"]
    conf_dir = "$dir/cni"
  [plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.nri.v1.nri"]
  disable = true
C
}

daemon_pid() {
  local pid
  pid=$(cat "$1.pid" 2>/dev/null) || return 1
  # the number may long belong to another process
  tr "\0" " " 2>/dev/null <"/proc/$pid/cmdline" | grep -q "^$HERE.* $1/config.toml" && echo "$pid"
}

up() {
  local dir=$1 tries=300
  rm -f "$dir"/containerd.sock*
  setsid $HERE/usr/bin/containerd -c "$dir/config.toml" >>"$dir.log" 2>&1 </dev/null &
  echo $! >"$dir.pid"
  until ctr -a "$dir/containerd.sock" version >/dev/null 2>&1; do
    ((tries-- > 0)) && kill -0 "$(cat "$dir.pid")" 2>/dev/null || { tail -n 20 "$dir.log" >&2; return 1; }
    sleep 0.1
  done
}

down() {
  local pid tries=200
  pid=$(daemon_pid "$1") || return 0
  kill -KILL "$pid"
  while kill -0 "$pid" 2>/dev/null && ((tries-- > 0)); do sleep 0.05; done
}

unmount_below() {
  awk -v dir="$1/" 'index($2, dir) == 1 {print $2}' /proc/mounts | sort -r | xargs -r -n1 umount -l || true
}

# The shims, and with them what they run; also where the daemon cannot be asked any more.
end_containers() {
  local dir=$1 shim pid
  for pid in $(cat "$dir"/state/io.containerd.runtime.v2.task/*/*/init.pid 2>/dev/null); do kill -KILL "$pid" 2>/dev/null || true; done
  for shim in $(grep -lsaF "$dir/containerd.sock" /proc/[0-9]*/cmdline | cut -d/ -f3); do
    grep -qsa '^/\?[^ ]*containerd-shim' "/proc/$shim/cmdline" && kill -KILL "$shim" 2>/dev/null || true
  done
}

# Host ports are chains of this network's name; those of a run that was killed would lead to nowhere.
clear_network() {
  local chain
  ip link delete "$BRIDGE" 2>/dev/null || true
  command -v iptables-save >/dev/null || return 0
  iptables-save -t nat 2>/dev/null | grep -- "^-A .*name: \\\\\"conformance\\\\\"" | sed 's/^-A/-D/' |
    while read -r chain; do eval "iptables -t nat $chain" || true; done || true
}

stop() {
  local dir=$1
  down "$dir"
  end_containers "$dir"
  clear_network
  unmount_below "$dir"
  rm -rf "$dir" "$dir.pid" "$dir.log"
}

start() {
  local dir=$1
  stop "$dir" >&2
  mkdir -p "$dir"
  write_config "$dir"
  up "$dir"
  echo "$dir/containerd.sock"
}

case ${1:-}:${2:+dir} in
  install:) install_packages ;;
  start:dir | stop:dir | up:dir | down:dir) "$1" "$2" ;;
  *)
    sed -n '2,13p' "$0"
    exit 2
    ;;
esac
