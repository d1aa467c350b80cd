#!/usr/bin/env bash
# The suite of the Linux target: its own tests with guests, then the corpus on each kernel. Arguments are Jest's; with
# arguments the corpus is left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/linux-ready.sh
node_modules/.bin/jest -c jest.linux.config.mjs "$@"
[ $# -eq 0 ] || exit 0
for kernel in 6.1 6.12; do
  node dist/cli.js run --target linux --kernel "$kernel" --reporter lines specs/linux
done
