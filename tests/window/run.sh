#!/usr/bin/env bash
# Builds the application and drives its real window (WebKitGTK under Xvfb) through a technician's day, with virtual
# phones on the bench. Needs cargo, libwebkit2gtk-4.1-dev, webkit2gtk-driver, xvfb, and a Python with the worker's
# dependencies as PYWORKER_PYTHON (default: python3).
#
# usage: run.sh [PICTURES]    keeps a picture of each scene in that folder
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
repository=$(cd "$here/../.." && pwd)
python=$("${PYWORKER_PYTHON:-python3}" -c 'import sys; print(sys.executable)')
[ $# -eq 0 ] || mkdir -p "$1"

cargo build --quiet --manifest-path "$repository/src-tauri/Cargo.toml" --features app --bin bobbys-workshop

scratch=$(mktemp -d)
jobs=()
cleanup() {
    for job in "${jobs[@]}"; do kill "$job" 2>/dev/null || true; done
    rm -rf "$scratch"
}
trap cleanup EXIT

# The worker's folder as a bundle has it, without copying it.
mkdir "$scratch/app"
ln -s "$repository/protocol" "$repository/pyworker" "$repository/schemas" "$scratch/app/"
printf 'from pyworker.__main__ import main\n\nmain()\n' > "$scratch/app/__main__.py"

# What the page opens or shows goes to the system's opener; this one only writes down what it was given.
mkdir "$scratch/bin"
printf '#!/bin/sh\nprintf "%%s\\n" "$1" >> "%s/shown"\n' "$scratch" > "$scratch/bin/xdg-open"
chmod +x "$scratch/bin/xdg-open"

mkfifo "$scratch/bench-stdin"
sleep infinity > "$scratch/bench-stdin" & jobs+=($!)
(cd "$repository" && PYTHONPATH="$repository" exec "$python" tests/window/bench.py) \
    < "$scratch/bench-stdin" > "$scratch/bench" & jobs+=($!)

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
wait_for() { for _ in $(seq 200); do if eval "$1"; then return; fi; sleep 0.1; done; echo "$2 did not come" >&2; exit 1; }

wait_for 'grep -q -- --usbmuxd "$scratch/bench"' "the bench of virtual phones"
usbmuxd=$(sed -n 's/.*--usbmuxd \([^ ]*\).*/\1/p' "$scratch/bench")
adb=$(sed -n 's/.*--adb-server \([^ ]*\).*/\1/p' "$scratch/bench")

Xvfb -displayfd 3 -screen 0 1280x900x24 -nolisten tcp 3> "$scratch/display" 2> /dev/null & jobs+=($!)
wait_for '[ -s "$scratch/display" ]' "the display"
port=$(free_port)
DISPLAY=:$(cat "$scratch/display")
export DISPLAY
env TAURI_WEBVIEW_AUTOMATION=true GDK_BACKEND=x11 WEBKIT_DISABLE_COMPOSITING_MODE=1 \
    NO_AT_BRIDGE=1 HOME="$scratch/home" XDG_DATA_HOME="$scratch/data" XDG_CACHE_HOME="$scratch/cache" \
    PATH="$scratch/bin:$PATH" PYWORKER_PYTHON="$scratch/python" PYWORKER_APP="$scratch/app" \
    USBMUXD_SOCKET_ADDRESS="$usbmuxd" ADB_SERVER_SOCKET="tcp:$adb" \
    WebKitWebDriver --host=127.0.0.1 --port="$port" & jobs+=($!)
wait_for '(: < /dev/tcp/127.0.0.1/$port) 2> /dev/null' "the driver"

cd "$here"
"$python" drive_window.py --application "$repository/src-tauri/target/debug/bobbys-workshop" --driver-port "$port" \
    --scratch "$scratch" ${1:+--pictures "$1"}
