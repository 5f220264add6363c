#!/bin/sh
# Builds the kernel anew and fails when its bytes are not those of the committed artefact. `--install` as in build.sh.
set -eu

native=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
fresh=$(mktemp)
trap 'rm -f "$fresh"' EXIT
trap 'exit 130' INT TERM

"$native/build.sh" "$@" "$fresh"
if ! cmp "$fresh" "$native/kernel.wasm"; then
  echo 'native/kernel.wasm is not what native/build.sh makes of the source: run it and commit the result' >&2
  sha256sum "$fresh" "$native/kernel.wasm" >&2
  exit 1
fi
echo "native/kernel.wasm is what its source makes: sha256 $(sha256sum <"$fresh" | cut -d' ' -f1)"
