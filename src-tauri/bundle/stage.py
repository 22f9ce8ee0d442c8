"""Build the folder that a Tauri bundle carries: interpreter, packages, worker, all checked, all listed.

usage: python stage.py --target linux-x86_64 --runtime ARCHIVE --runtime-sha256 HEX --out resources/python [--cache DIR]

ARCHIVE is a relocatable CPython (see runtime.py). Wheels come from the cache, which is filled through pip when it is
not full; with a full cache nothing is fetched. What comes out is a folder without links:

    bin/python3.x, lib/ (or python.exe ...)   the interpreter
    app/                                      the worker and its packages, side by side; what is launched
    licences/, manifest.json, sbom.cdx.json   what is in it

A bundle for another system than this one is built and listed, but cannot be started here: --no-selfcheck says so, and
--compiler names a Python of the shipped version that compiles the modules.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import closure
import manifest
import pe
import runtime
import selfcheck
from targets import TARGETS

REPOSITORY = Path(__file__).resolve().parents[2]
# The worker's own packages. Not the tests; the virtual phones go along, for developers of the page.
_WORKER = ("protocol", "pyworker", "schemas")

# What a folder given to Python as script runs. The worker's own first statement takes the pipe, so nothing may come
# before it.
_MAIN = "from pyworker.__main__ import main\n\nmain()\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=TARGETS, required=True)
    parser.add_argument("--runtime", type=Path, required=True, help="archive of a relocatable CPython")
    parser.add_argument("--runtime-sha256", required=True)
    parser.add_argument("--out", type=Path, required=True, help="replaced whole")
    parser.add_argument("--cache", type=Path, default=Path(__file__).parent / "cache")
    parser.add_argument(
        "--compiler", type=Path, help="a Python of the shipped version; default: the shipped one itself"
    )
    parser.add_argument("--no-selfcheck", action="store_true", help="for another system than this one")
    arguments = parser.parse_args()
    arguments.out = arguments.out.resolve()
    try:
        stage(arguments)
    except (runtime.WrongArchive, closure.Unlocked, selfcheck.Unfit, pe.Unresolved) as problem:
        sys.exit(f"stage: {problem}")


def stage(arguments: argparse.Namespace) -> None:
    target = TARGETS[arguments.target]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    # Beside the result, so that the last step is a rename: a half-made bundle never has the bundle's name.
    with tempfile.TemporaryDirectory(dir=arguments.out.parent) as scratch:
        home = Path(scratch) / "python"
        runtime.unpack(arguments.runtime, arguments.runtime_sha256, home, windows=target.windows)
        app = home / selfcheck.APP
        packages = closure.install(arguments.target, arguments.cache, app)
        add_worker(app)
        python = runtime.interpreter(home, windows=target.windows)
        compiler = arguments.compiler or python
        compile_all(home, compiler)
        if target.windows:
            pe.check(home)
        system_packages = home / "debian-packages.txt"
        brought = system_packages.read_text().splitlines() if system_packages.exists() else []
        origin = manifest.Origin(
            arguments.target,
            runtime.version(home, windows=target.windows),
            worker_version(compiler, app),
            arguments.runtime.name,
            arguments.runtime_sha256.lower(),
        )
        manifest.write(home, origin, packages, brought)
        if not arguments.no_selfcheck:
            selfcheck.check(home, windows=target.windows)
        if arguments.out.exists():
            shutil.rmtree(arguments.out)
        home.rename(arguments.out)
    report(arguments.out)


def add_worker(app: Path) -> None:
    for package in _WORKER:
        shutil.copytree(REPOSITORY / package, app / package, ignore=shutil.ignore_patterns("__pycache__"))
    (app / "__main__.py").write_text(_MAIN)
    shutil.copy2(Path(__file__).parent / "GPL-3.0.txt", app / "LICENSE")


def compile_all(home: Path, compiler: Path) -> None:
    """The installed tree is read-only, so what is not compiled now is compiled at every start (3.5 times slower).

    Unchecked: times do not survive installers. Paths in the files are relative, so that the same sources give the same
    bytes wherever they are built.
    """
    # lib2to3 and test data hold files that are wrong on purpose; they were trimmed, so every file must compile.
    subprocess.run(
        [
            str(compiler),
            "-I",
            "-X",
            "utf8",
            "-m",
            "compileall",
            "-q",
            "-f",
            "-j",
            "0",
            "--invalidation-mode",
            "unchecked-hash",
            "-s",
            str(home),
            str(home),
        ],
        check=True,
    )


def worker_version(compiler: Path, app: Path) -> str:
    code = "import sys; sys.path.insert(0, sys.argv[1]); from pyworker.health import VERSION; print(VERSION)"
    done = subprocess.run([str(compiler), "-I", "-B", "-c", code, str(app)], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def report(out: Path) -> None:
    files = [path for path in out.rglob("*") if path.is_file()]
    compiled = sum(path.stat().st_size for path in files if path.suffix == ".pyc")
    everything = sum(path.stat().st_size for path in files)
    print(f"{out}: {len(files)} files, {(everything - compiled) / 1e6:.1f} MB and {compiled / 1e6:.1f} MB of .pyc")


if __name__ == "__main__":
    main()
