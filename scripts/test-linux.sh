#!/usr/bin/env bash
# The suite of the Linux target. Brings what is missing: packages where it may (root, apt), kernels always.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
cli=(node dist/cli.js)
[ -f dist/cli.js ] || npm run --silent build
packages=(qemu-system-arm gcc gcc-aarch64-linux-gnu libc6-dev libc6-dev-arm64-cross xz-utils)
if ! command -v qemu-system-aarch64 aarch64-linux-gnu-gcc gcc xz >/dev/null && [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}"
fi
"${cli[@]}" linux setup
"${cli[@]}" linux doctor
exec node_modules/.bin/jest -c jest.linux.config.mjs "$@"
