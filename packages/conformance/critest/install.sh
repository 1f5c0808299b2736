#!/usr/bin/env bash
# Installs what `npm run critest` needs to make critest and its images, on Debian, as root. Does nothing where all is there.
set -euo pipefail
cd "$(dirname "$0")"

# An older Go cannot fetch the toolchain that go.mod asks for; this one can, and every later one.
GO_OLDEST=1.21

go_is_new_enough() {
  local version
  version=$("$1" env GOVERSION 2>/dev/null | sed 's/^go//') || return 1
  [ -n "$version" ] && printf '%s\n' "$GO_OLDEST" "$version" | sort -V -C
}

install_packages() {
  local missing=() package
  for package in $(./images.sh packages); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q ' installed$' || missing+=("$package")
  done
  # also where nothing is missing: images.sh downloads one more package
  [ ${#missing[@]} -gt 0 ] || apt-cache show busybox >/dev/null 2>&1 || apt-get update
  [ ${#missing[@]} -eq 0 ] || {
    apt-get update
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  }
}

# Debian 12 has Go 1.19. Toolchains of Go are modules of its module proxy, which any Go can download; only the names and
# modes that modules cannot have are to be put right.
install_go() {
  local go version directory
  for go in "$(command -v go || true)" /usr/local/go/bin/go; do
    [ -z "$go" ] || ! go_is_new_enough "$go" || return 0
  done
  [ ! -e /usr/local/go ] || {
    echo "/usr/local/go is older than Go $GO_OLDEST: remove it, or install a newer Go" >&2
    return 1
  }
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends golang-go ca-certificates
  version=$(sed -n 's/^go //p' go.mod)
  directory=$(cd / && go mod download -json "golang.org/toolchain@v0.0.1-go$version.linux-$(dpkg --print-architecture)" |
    sed -n 's/^\t"Dir": "\(.*\)",\{0,1\}$/\1/p')
  cp -r "$directory" /usr/local/go
  chmod -R u+w /usr/local/go
  find /usr/local/go -name _go.mod -execdir mv _go.mod go.mod ';'
  chmod -R +x /usr/local/go/bin /usr/local/go/pkg/tool
}

install_packages
install_go
