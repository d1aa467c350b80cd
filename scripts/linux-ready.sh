#!/usr/bin/env bash
# Brings what the Linux target needs and is missing: packages where it may (root, apt), kernels always.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ -f dist/cli.js ] || npm run --silent build
programs=(qemu-system-aarch64 aarch64-linux-gnu-gcc gcc git xz)
packages=(qemu-system-arm gcc gcc-aarch64-linux-gnu git libc6-dev libc6-dev-arm64-cross qemu-efi-aarch64 xz-utils)
missing=0
for program in "${programs[@]}"; do command -v "$program" >/dev/null || missing=1; done
[ -e /usr/share/qemu-efi-aarch64/QEMU_EFI.fd ] || missing=1
if ((missing)) && [ "$(id -u)" -eq 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${packages[@]}" >/dev/null
fi
node dist/cli.js linux setup
node dist/cli.js linux doctor
