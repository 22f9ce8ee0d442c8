"""The application in a real web view, from start to quit, driven like a technician would.

usage: python drive_window.py --application FILE --driver-port PORT --scratch DIR [--pictures DIR]

Expects a WebDriver for WebKitGTK at PORT whose environment points the application at SCRATCH/python (a stand-in that
this script writes: the real interpreter, slow or broken when told to be) and at the virtual phones; run.sh sets it up.
Pictures need ImageMagick and DISPLAY. Prints a line a scene and "N passed, 0 failed"; fails at the first thing that is
not as it should be.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from webdriver import Window

OWNER_LOCKED = "00008101-000B20D30F52003A"
CLEAN = "00008110-000A10C20E41001E"
COMPANY_ANDROID = "VP14COMPANY01"
GONE_WITHIN_S = 4.0

PHASE = "document.body.dataset.phase === arguments[0]"


class Stage:
    """What surrounds the application: the stand-in for its interpreter, and the processes it may leave behind."""

    def __init__(self, scratch: Path, pictures: Path | None) -> None:
        self.scratch = scratch
        self.pictures = pictures
        self.scenes = 0

    def interpreter(self, before: str = "") -> None:
        """Write the stand-in: `before` is run by the shell, then the real interpreter takes over."""
        stand_in = self.scratch / "python"
        fresh = stand_in.with_name("python.new")
        fresh.write_text(f'#!/bin/sh\n{before}\nexec "{sys.executable}" "$@"\n')
        fresh.chmod(0o755)
        fresh.rename(stand_in)

    def workers(self) -> list[int]:
        """Numbers of the processes that run the worker's folder."""
        mark = str(self.scratch / "app").encode() + b"\0"
        return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and mark in command_line(p)]

    def scene(self, window: Window | None, name: str) -> None:
        self.scenes += 1
        if window is not None and self.pictures is not None:
            # Of the screen, not through the driver: WebKitGTK's own screenshot waits for a frame that a page at rest
            # under Xvfb never draws.
            file = self.pictures / f"{self.scenes:02}-{name.replace(' ', '-')}.png"
            time.sleep(0.5)
            subprocess.run(["import", "-window", "root", str(file)], check=True)
        print(f"ok {self.scenes} {name}", flush=True)


def command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""  # it ended while we looked


def until(what: str, condition, limit_s: float = GONE_WITHIN_S) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {limit_s:g} s"
        time.sleep(0.05)


def applications(application: Path) -> list[int]:
    wanted = str(application).encode() + b"\0"
    return [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and command_line(p).startswith(wanted)]


def first_visit(stage: Stage, window: Window) -> None:
    """A slow start, the phones, a locked one, the report."""
    window.wait("the gate is closed while the worker starts", PHASE, "starting")
    assert window.run("return document.getElementById('bench').inert"), (
        "the bench can be used before the worker is ready"
    )
    assert window.text("#gate-title") == "Starting"
    stage.scene(window, "starting")

    window.wait("the worker gets ready", PHASE, "ready")
    window.wait("four phones are listed", "document.querySelectorAll('.device').length === 4")
    assert window.text("#gate") is None, "the gate is still in the way"
    stage.scene(window, "ready")

    window.click(f"[data-device='{OWNER_LOCKED}']")
    verdict = window.wait("the verdicts", "document.querySelector('[data-verdict=activation_locked]')?.dataset.value")
    assert verdict == "true", verdict
    assert window.text("[data-verdict=activation_locked] .said") == "Locked to its owner"
    assert window.text("[data-verdict=mdm_enrolled] .said") == "Not determined"
    assert (window.text("[data-verdict=mdm_enrolled] .why") or "").startswith("Because ")
    assert "Does not exist on this kind of phone: Factory-reset lock" in (window.text(".inapplicable") or "")
    stage.scene(window, "owner locked")
    window.click("[data-verdict=activation_locked] summary")
    assert "fm-activation-locked" in (window.text("[data-verdict=activation_locked] .evidence") or "")
    stage.scene(window, "evidence")

    window.click(f"[data-device='{COMPANY_ANDROID}']")
    window.wait(
        "the company's phone", "document.querySelector('[data-verdict=mdm_enrolled]')?.dataset.value === 'true'"
    )
    stage.scene(window, "company owned")

    window.click(f"[data-device='{CLEAN}']")
    window.wait(
        "the clean phone", "document.querySelector('[data-verdict=activation_locked]')?.dataset.value === 'false'"
    )
    stage.scene(window, "clean")
    window.click("#look-deeper")
    window.wait("the battery", "document.querySelector('[data-finding=battery_state]') !== null")
    stage.scene(window, "deeper")

    window.click("#make-report")
    window.wait("the report", "document.querySelector('#report-made .path') !== null", limit_s=60)
    report = Path(window.text("#report-made .path") or "")
    assert report.read_bytes().startswith(b"%PDF"), f"{report} is no PDF"
    window.run("document.getElementById('report-made').scrollIntoView()")
    stage.scene(window, "report")


def worker_dies(stage: Stage, window: Window) -> None:
    """Killed, then broken, then mended: each time the gate says so and opens again."""
    [worker] = stage.workers()
    os.kill(worker, signal.SIGKILL)
    window.wait("the gate closes", PHASE, "failed")
    assert window.text("#gate-title") == "The worker stopped"
    assert "signal 9" in (window.text("#gate-detail") or "")
    stage.scene(window, "worker killed")
    window.click("#gate-retry")
    window.wait("a new worker", PHASE, "ready")
    window.wait("the phones again", "document.querySelectorAll('.device').length === 4")
    assert window.text("#report-made"), "what was found out before is gone"
    stage.scene(window, "ready again")

    stage.interpreter("echo 'Traceback: the bundle is damaged' >&2; exit 3")
    [worker] = stage.workers()
    os.kill(worker, signal.SIGKILL)
    window.wait("the gate closes", PHASE, "failed")
    window.click("#gate-retry")
    window.wait(
        "the start fails", "document.getElementById('gate-title').textContent === 'The worker stopped while it started'"
    )
    assert "the bundle is damaged" in (window.text("#gate-tail") or "")
    assert "exit code 3" in (window.text("#gate-detail") or "")
    stage.scene(window, "start failed")
    stage.interpreter()
    window.click("#gate-retry")
    window.wait("the mended worker", PHASE, "ready")
    stage.scene(window, "mended")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--application", type=Path, required=True)
    parser.add_argument("--driver-port", type=int, required=True)
    parser.add_argument("--scratch", type=Path, required=True)
    parser.add_argument("--pictures", type=Path)
    arguments = parser.parse_args()
    stage = Stage(arguments.scratch, arguments.pictures)

    # Slow enough that the gate can be seen before it opens.
    stage.interpreter("sleep 4")
    window = Window(arguments.driver_port, arguments.application)
    try:
        first_visit(stage, window)
        stage.interpreter()
        worker_dies(stage, window)
        window.close()
        until("the application leaves", lambda: not applications(arguments.application))
        until("no worker is left", lambda: not stage.workers())
        stage.scene(None, "closed, nothing left")
    finally:
        window.forget()

    stage.interpreter("exit 3")
    window = Window(arguments.driver_port, arguments.application)
    try:
        window.wait("the start fails", PHASE, "failed")
        # Later, because the application is gone before the driver could tell that the click was done.
        window.run("setTimeout(() => document.getElementById('gate-quit').click(), 200)")
        until("the application leaves", lambda: not applications(arguments.application))
        until("no worker is left", lambda: not stage.workers())
        stage.scene(None, "quit from the gate, nothing left")
    finally:
        window.forget()
    print(f"{stage.scenes} passed, 0 failed")


if __name__ == "__main__":
    main()
