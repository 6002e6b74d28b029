#!/bin/sh
# Builds the self-hosted KV Connect server that the remote suites run against (docs/testing.md).
# It needs a Rust toolchain and about ten minutes of one core.
#
#   tools/install_denokv.sh [directory]     default: $HOME/.local, binary in <directory>/bin
set -eu

root="${1:-$HOME/.local}"

if [ "$root" = "--help" ] || [ "$root" = "-h" ]; then
  sed -n '2,5s/^# \{0,1\}//p' "$0"
  exit 0
fi
if [ -x "$root/bin/denokv" ]; then
  echo "denokv is already in $root/bin"
  exit 0
fi
if ! command -v cargo >/dev/null 2>&1; then
  echo "Skipped: cargo is not on PATH, so denokv can't be built. See https://rustup.rs" >&2
  exit 3
fi
cargo install denokv --locked --root "$root"
echo "Built. The remote suites find it there, on PATH, or as DENOKV_BIN=$root/bin/denokv"
