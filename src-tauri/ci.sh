#!/usr/bin/env bash
# The parent's side: format, lints, tests, with and without the window; then the bundle and the window themselves.
# Installs what it needs. Runs with the Python that is active, which must have the worker's dependencies.
set -euo pipefail
cd "$(dirname "$0")"

export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# Cargo for the client; GTK and WebKit with its driver for the window; patchelf and dpkg-deb for the bundle.
apt-get install -q -y --no-install-recommends \
    build-essential pkg-config libwebkit2gtk-4.1-dev libxdo-dev webkit2gtk-driver xvfb xauth patchelf libusb-1.0-0

PYWORKER_PYTHON=$(python3 -c 'import sys, pymobiledevice3; print(sys.executable)')
export PYWORKER_PYTHON

cargo fmt --check
cargo clippy --quiet --all-targets -- -D warnings
cargo clippy --quiet --all-targets --features app -- -D warnings
cargo test --quiet

bash ../tests/bundle/run.sh
bash ../tests/window/run.sh
