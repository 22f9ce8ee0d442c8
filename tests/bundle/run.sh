#!/usr/bin/env bash
# Builds the Linux bundle for real, out of Debian's packages and the locked wheels, and starts it where nothing but libc
# is: a root folder with libc's files and the bundle, no /usr, no other Python. As root.
#
# usage: run.sh [FOLDER]    keeps packages, wheels and the bundle in FOLDER; a second run with it fetches nothing
set -euo pipefail
repository=$(cd "$(dirname "$0")/../.." && pwd)
bundle=$repository/src-tauri/bundle
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
python=${PYWORKER_PYTHON:-python3}

"$python" "$bundle/debian_runtime.py" --debs "$folder/debs" --out "$folder/runtime.tar.gz"
sum=$(sha256sum "$folder/runtime.tar.gz" | cut -d' ' -f1)
"$python" "$bundle/stage.py" --target linux-x86_64-debian --runtime "$folder/runtime.tar.gz" --runtime-sha256 "$sum" \
    --cache "$folder/wheels" --out "$folder/resources/python"

"$python" "$repository/tests/bundle/bare_root.py" "$folder/resources/python"
"$python" "$repository/tests/bundle/cold_start.py" "$folder/resources/python"
