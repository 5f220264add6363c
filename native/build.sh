#!/bin/sh
# Builds kernel.wasm by the one recipe: Debian 12's rustc 1.63, its wasm32 library and lld-14 (see README.md).
#   build.sh             writes the artefact beside this file
#   build.sh FILE        writes it to FILE
#   build.sh --install   installs the Debian packages first (as root); may stand before FILE
set -eu

native=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
packages='rustc cargo libstd-rust-dev-wasm32 lld-14'
rustc=/usr/bin/rustc
cargo=/usr/bin/cargo
rustc_version='rustc 1.63.0'

if [ "${1:-}" = --install ]; then
  shift
  if ! dpkg --status $packages >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $packages >/dev/null
  fi
fi
artefact=${1:-$native/kernel.wasm}

if [ "$("$rustc" --version 2>/dev/null)" != "$rustc_version" ] || [ ! -x "$cargo" ] ||
  [ ! -d /usr/lib/rustlib/wasm32-unknown-unknown ] || [ ! -x /usr/bin/rust-lld ]; then
  echo "native/build.sh needs Debian 12's $packages ($rustc_version): run it with --install as root" >&2
  exit 3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Nothing of the caller's own Rust set-up may reach the build; only where crates are cached is his.
unset RUSTFLAGS RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTUP_TOOLCHAIN CARGO_BUILD_TARGET CARGO_TARGET_DIR CARGO_ENCODED_RUSTFLAGS
export RUSTC="$rustc"

# The crates of Cargo.lock, with its checksums. This cargo reads the registry's index over HTTPS only behind a switch.
vendor=$work/vendor
(cd "$native/webassembly" &&
  RUSTC_BOOTSTRAP=1 "$cargo" vendor -Z sparse-registry --locked --versioned-dirs "$vendor" >/dev/null 2>"$work/vendor.log") || {
  cat "$work/vendor.log" >&2
  exit 3
}

# Paths of this machine are replaced, so that every checkout gives the same bytes.
flags='--cfg curve25519_dalek_bits="32"|-C|target-feature=+simd128,+bulk-memory|-C|link-arg=--max-memory=67108864'
flags="$flags|--remap-path-prefix=$native=/native|--remap-path-prefix=$vendor=/vendor"
CARGO_ENCODED_RUSTFLAGS=$(printf %s "$flags" | sed 's/--cfg /--cfg|/' | tr '|' '\037')
export CARGO_ENCODED_RUSTFLAGS

(cd "$native/webassembly" && "$cargo" build --quiet --locked --offline --release \
  --target wasm32-unknown-unknown --target-dir "$work/target" \
  --config 'source.crates-io.replace-with = "vendored"' --config "source.vendored.directory = \"$vendor\"")

cp "$work/target/wasm32-unknown-unknown/release/kernel.wasm" "$artefact"
chmod 644 "$artefact"
