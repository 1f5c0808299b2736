#!/usr/bin/env bash
# The node image (see Dockerfile): needs Docker, nothing else of it is asked for.
#
#   image.sh build lxd|incus [BASE]   builds it and prints its name; BASE: an image of Debian 12 or newer, default Debian 13
#   image.sh base SUITE               a Debian image: Debian's own, or made by debootstrap where no registry can be reached
set -euo pipefail
cd "$(dirname "$0")/../../.."

NAME=lxe-conformance

base() {
  local suite=$1 made=$NAME-base:$1 directory
  if docker image inspect "debian:$suite-slim" >/dev/null 2>&1 || timeout 120 docker pull -q "debian:$suite-slim" >/dev/null 2>&1; then
    echo "debian:$suite-slim"
    return
  fi
  if ! docker image inspect "$made" >/dev/null 2>&1; then
    command -v debootstrap >/dev/null || { echo "no registry can be reached, and debootstrap is not installed" >&2; return 1; }
    directory=$(mktemp -d)
    debootstrap --variant=minbase "$suite" "$directory" >&2
    tar -C "$directory" -c . | docker import - "$made" >/dev/null
    rm -rf "$directory"
  fi
  echo "$made"
}

# The workspace without what is only for people and editors.
context() {
  local skip
  skip=(@biomejs '@bufbuild/buf*' @oxlint @oxlint-tsgolint @turbo @typescript dprint-node oxlint oxlint-tsgolint playwright-core turbo typescript)
  tar -c "${skip[@]/#/--exclude=./node_modules/}" --exclude=./.git --exclude=./.turbo --exclude=./reports --exclude='./apps/*/dist' --exclude='./packages/*/dist' \
    --exclude='./apps/*/node_modules' --exclude='./packages/*/node_modules/.vite*' --exclude='./node_modules/.vite*' . ||
    # 1: a directory changed meanwhile, where tests beside this one keep their caches
    (($? == 1))
}

build() {
  local daemon=$1 from
  from=${2:-$(base trixie)}
  # by the old builder, which every Docker has
  context | DOCKER_BUILDKIT=0 docker build --network host --build-arg BASE="$from" --build-arg DAEMON="$daemon" \
    -f packages/conformance/node/Dockerfile -t "$NAME-node:$daemon" - >&2
  echo "$NAME-node:$daemon"
}

case ${1:-}:${2:-} in
  build:lxd | build:incus) build "$2" "${3:-}" ;;
  base:?*) base "$2" ;;
  *)
    sed -n '2,6p' "$0"
    exit 2
    ;;
esac
