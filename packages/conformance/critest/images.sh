#!/usr/bin/env bash
# Stand-ins for the images that critest names, from Debian packages only, and the data of a registry that has them.
#
#   images.sh build DIR    fills DIR (which must not exist) with the storage of a docker-registry; PORT is used meanwhile
#   images.sh packages     the Debian packages that this needs
#
# One image cannot be made: critest pins the digest of test-image-digest.
set -euo pipefail

PACKAGES="procps util-linux nginx-light apache2-bin umoci skopeo docker-registry gcc libc6-dev curl"
PORT=${PORT:-5099}
PATH=$PATH:/usr/sbin

# Every shared library that the binaries load.
copy_libs() {
  local root=$1 bin lib
  shift
  for bin in "$@"; do
    { ldd "$bin" 2>/dev/null || true; } | { grep -oE '/[^ ]+' || true; } | sort -u | while read -r lib; do
      [ -e "$root$lib" ] || install -D "$(readlink -f "$lib")" "$root$lib"
    done
  done
}

# Binaries where they are on the host, with their libraries.
copy_programs() {
  local root=$1 bin
  shift
  for bin in "$@"; do install -D "$bin" "$root$bin"; done
  copy_libs "$root" "$@"
}

# Debian's dynamic busybox: its shell looks applets up in PATH, where the static one would run its own, masked or not. It
# cannot be installed beside busybox-static, so it is only unpacked.
unpack_busybox() {
  local to=$1 download
  download=$(mktemp -d)
  (cd "$download" && apt-get download -qq busybox >/dev/null 2>&1) || {
    echo "the package busybox cannot be downloaded: apt-get update" >&2
    return 1
  }
  dpkg -x "$download"/busybox_*.deb "$to"
  rm -rf "$download"
}

busybox_root() {
  local root=$1 unpacked=$2 applet
  mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp,root,run,var/log,home,usr/bin,usr/sbin,sbin}
  chmod 1777 "$root/tmp"
  ln -s ../run "$root/var/run"
  ln -s ../tmp "$root/var/tmp"
  cp "$unpacked/bin/busybox" "$root/bin/busybox"
  copy_libs "$root" "$root/bin/busybox"
  # Hard links: a spec masks one applet and needs the others.
  for applet in $("$unpacked/bin/busybox" --list | grep -vx busybox); do ln "$root/bin/busybox" "$root/bin/$applet"; done
  # Applets that Debian's busybox lacks.
  copy_programs "$root" /usr/bin/pgrep /usr/bin/ipcs
  cat >"$root/etc/passwd" <<'P'
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
P
  cat >"$root/etc/group" <<'G'
root:x:0:
daemon:x:1:
www-data:x:33:
nogroup:x:65534:
G
}

nginx_conf() {
  cat <<N
user root;
pid /var/run/nginx.pid;
error_log /dev/stderr;
events {}
http { access_log /dev/stdout; server { listen $1; root /usr/share/nginx/html; } }
N
}

httpd_conf() {
  local module
  for module in mpm_prefork authz_core dir; do echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"; done
  cat <<'H'
ServerName httpd
Listen 80
PidFile /run/httpd.pid
DocumentRoot /usr/local/apache2/htdocs
DirectoryIndex index.html
ErrorLog /proc/self/fd/2
LogLevel notice
H
}

static_program() {
  local source
  source=$(mktemp --suffix .c)
  cat >"$source"
  mkdir -p "$(dirname "$1")"
  gcc -static -O1 -o "$1" "$source"
  rm "$source"
}

roots() {
  local work=$1 n
  unpack_busybox "$work/unpacked"
  busybox_root "$work/busybox" "$work/unpacked"

  cp -a "$work/busybox" "$work/nginx"
  copy_programs "$work/nginx" /usr/sbin/nginx
  mkdir -p "$work/nginx"/{etc/nginx,var/lib/nginx,var/log/nginx,usr/share/nginx/html}
  echo '<html><title>Welcome to nginx!</title><h1>Welcome to nginx!</h1></html>' >"$work/nginx/usr/share/nginx/html/index.html"
  nginx_conf 80 >"$work/nginx/etc/nginx/nginx.conf"
  cp -a "$work/nginx" "$work/hostnet-nginx"
  nginx_conf 12003 >"$work/hostnet-nginx/etc/nginx/nginx.conf"

  cp -a "$work/busybox" "$work/httpd"
  copy_programs "$work/httpd" /usr/sbin/apache2 /usr/lib/apache2/modules/mod_{mpm_prefork,authz_core,dir,mime}.so
  mkdir -p "$work/httpd/usr/local/apache2/htdocs" "$work/httpd/etc/apache2"
  ln -s ../../sbin/apache2 "$work/httpd/usr/bin/httpd"
  echo '<html><body><h1>It works!</h1></body></html>' >"$work/httpd/usr/local/apache2/htdocs/index.html"
  httpd_conf >"$work/httpd/etc/apache2/httpd.conf"

  mkdir -p "$work/nonewprivs/tmp"
  static_program "$work/nonewprivs/nnp" <<'C'
#include <stdio.h>
#include <unistd.h>
int main(void) { printf("Effective uid: %d\n", geteuid()); return 0; }
C
  chmod 4755 "$work/nonewprivs/nnp"
  static_program "$work/pause/pause" <<'C'
#include <signal.h>
#include <unistd.h>
static void end(int number) { _exit(0); }
int main(void) { signal(SIGTERM, end); signal(SIGINT, end); signal(SIGCHLD, SIG_IGN); for (;;) pause(); }
C
  for n in 1 2 3 latest digest tag tags; do
    cp -a "$work/busybox" "$work/test-image-$n"
    echo "test-image-$n" >"$work/test-image-$n/test-image-$n"
  done
  cp -a "$work/busybox" "$work/group"
  echo 'default-user:x:1000:1000::/home/default-user:/bin/sh' >>"$work/group/etc/passwd"
  printf 'default-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n' >>"$work/group/etc/group"
}

# image LAYOUT ROOT UMOCI-CONFIG...
image() {
  local layout=$1 root=$2
  shift 2
  umoci init --layout "$layout"
  umoci new --image "$layout:latest"
  umoci insert --image "$layout:latest" "$root" /
  umoci config --image "$layout:latest" --author critest-stand-in \
    --config.env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

layouts() {
  local work=$1 to=$2 n
  mkdir -p "$to"
  image "$to/busybox" "$work/busybox" --config.cmd sh
  image "$to/nginx" "$work/nginx" --config.cmd nginx --config.cmd -g --config.cmd 'daemon off;' --config.exposedports 80/tcp
  image "$to/hostnet-nginx" "$work/hostnet-nginx" --config.cmd nginx --config.cmd -g --config.cmd 'daemon off;'
  image "$to/httpd" "$work/httpd" \
    --config.cmd /usr/sbin/apache2 --config.cmd -f --config.cmd /etc/apache2/httpd.conf --config.cmd -DFOREGROUND
  image "$to/nonewprivs" "$work/nonewprivs" --config.entrypoint /nnp
  image "$to/pause" "$work/pause" --config.entrypoint /pause --config.user 65535:65535
  for n in 1 2 3 latest digest tag tags; do image "$to/test-image-$n" "$work/test-image-$n" --config.cmd sh; done
  image "$to/test-image-user-uid" "$work/busybox" --config.user 1002
  image "$to/test-image-user-username" "$work/busybox" --config.user www-data
  image "$to/test-image-user-uid-group" "$work/busybox" --config.user 1003:1004
  image "$to/test-image-user-username-group" "$work/busybox" --config.user www-data:1004
  image "$to/test-image-predefined-group" "$work/group" --config.user 1000
}

# push LAYOUT NAME
push() {
  skopeo copy -q --dest-tls-verify=false "oci:$1:latest" "docker://127.0.0.1:$PORT/$2"
}

push_all() {
  local from=$1 n common=e2e-test-images tools=k8s-staging-cri-tools
  push "$from/busybox" $common/busybox:1.29-2
  push "$from/nginx" $common/nginx:1.14-2
  push "$from/httpd" $common/httpd:2.4.39-4
  push "$from/nonewprivs" $common/nonewprivs:1.3
  push "$from/pause" pause:3.9
  push "$from/hostnet-nginx" "$tools/hostnet-nginx-$(dpkg --print-architecture):latest"
  for n in 1 2 3 latest digest user-uid user-username user-uid-group user-username-group predefined-group; do
    push "$from/test-image-$n" "$tools/test-image-$n:latest"
  done
  for n in test all; do push "$from/test-image-tag" "$tools/test-image-tag:$n"; done
  for n in 1 2 3; do push "$from/test-image-tags" "$tools/test-image-tags:$n"; done
}

registry_answers() {
  curl -sf -o /dev/null "http://127.0.0.1:$PORT/v2/"
}

build() {
  local to=$1 work registry tries=200
  # not local to the trap, which runs when this function is gone
  work=$(mktemp -d)
  trap "rm -rf '$work'; kill \$(cat '$work.pid' 2>/dev/null) 2>/dev/null || true; rm -f '$work.pid'" EXIT
  roots "$work"
  layouts "$work" "$work/layouts"
  cat >"$work/registry.yml" <<R
version: 0.1
log: { level: error }
storage: { filesystem: { rootdirectory: $work/registry } }
http: { addr: 127.0.0.1:$PORT }
R
  if registry_answers; then
    echo "port $PORT is somebody else's" >&2
    return 1
  fi
  docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
  registry=$!
  echo "$registry" >"$work.pid"
  until registry_answers; do
    ((tries-- > 0)) && kill -0 "$registry" || {
      cat "$work/registry.log" >&2
      return 1
    }
    sleep 0.1
  done
  push_all "$work/layouts"
  kill "$registry"
  wait "$registry" || true
  rm "$work.pid"
  mkdir -p "$(dirname "$to")"
  # only whole: the next run takes what is there
  rm -rf "$to.new"
  mv "$work/registry" "$to.new"
  mv "$to.new" "$to"
}

case ${1:-}:${2:+dir} in
  build:dir) build "$2" ;;
  packages:) echo "$PACKAGES" ;;
  *)
    sed -n '2,7p' "$0"
    exit 2
    ;;
esac
