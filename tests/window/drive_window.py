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
PANICKED = "5eed000000000000000000000000000000000015"
CUT = "00008020-0009943A56C90009"
UNTRUSTED = "00008110-000D40F51174005E"
GONE_WITHIN_S = 4.0
USUAL_SIZE, NARROW_SIZE = (1120, 760), (720, 760)

ALL_PHONES = "document.querySelectorAll('.device').length === 7"
OUTCOME = "document.querySelector('#logs-outcome')?.innerText"
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

    def collections(self) -> list[Path]:
        """Everything the worker wrote of logs: finished collections, and what is hidden while it is made."""
        [artifacts] = self.scratch.glob("data/*/artifacts")
        return sorted(path for path in artifacts.iterdir() if not path.name.startswith("rep_"))

    def shown(self) -> list[str]:
        """What the system was asked to show or open, oldest first."""
        return (self.scratch / "shown").read_text().splitlines() if (self.scratch / "shown").exists() else []

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
    window.wait("the phones are listed", ALL_PHONES)
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


def inspected(window: Window, device_id: str) -> None:
    window.click(f"[data-device='{device_id}']")
    window.wait(
        "the phone on the screen",
        "document.querySelector('.device[aria-pressed=true]').dataset.device === arguments[0]"
        " && document.querySelector('#collect-logs') !== null",
        device_id,
    )


def collected(window: Window, *, scope: str, duration_ms: int | None = None) -> None:
    """Choose and start. Clicks where a person does; a list of a web view cannot be opened by its driver."""
    window.run("document.querySelector('#logs-card').scrollIntoView()")
    window.click(f"#logs-form [value={scope}]")
    if duration_ms is not None:
        window.run(f"document.querySelector('#duration').value = '{duration_ms}'")
    window.click("#collect-logs")


def times_in_words(window: Window) -> None:
    """What a log does not tell of a time is not made up."""
    window.run("window.words = null; import('./words.js').then((words) => { window.words = words; })")
    window.wait("the words", "window.words !== null")
    for told, said in (
        ("06-03T08:11:02.551", "06-03 08:11:02"),
        ("2024-05-28T08:11:02", "2024-05-28 08:11:02"),
        ("boot+12.25", "12 s after the start"),
    ):
        assert window.run("return window.words.moment(arguments[0])", told) == said
    same = "2024-05-28T10:11:02+02:00", "2024-05-28T08:11:02.5Z"
    one, other = (window.run("return window.words.moment(arguments[0])", told) for told in same)
    assert one == other and "May 2024" in one, (one, other)


def logs(stage: Stage, window: Window) -> None:
    """A collection, its folder, names that lead elsewhere, a cancelled one, a phone that refuses."""
    times_in_words(window)
    inspected(window, PANICKED)
    assert window.text("#duration") is not None, "an iPhone's log is listened to, and nobody asks for how long"
    window.run("document.querySelector('#logs-card').scrollIntoView()")
    stage.scene(window, "logs offered")
    collected(window, scope="default")
    window.wait("the triage", "document.querySelector('#logs-triage [data-triage=panic]') !== null")
    assert "System crash" in (window.text("[data-triage=panic]") or "")
    window.run("document.querySelector('#logs-card').scrollIntoView()")
    stage.scene(window, "logs collected")

    [collection] = stage.collections()
    assert window.text("#logs-card .path") == str(collection)
    window.run("document.querySelectorAll('#logs-outcome details').forEach((each) => { each.open = true; })")
    last = (collection / "log.txt").read_text().splitlines()[-1].strip()
    assert last in (window.text("#logs-lines pre") or ""), f"{last!r} is not among the lines on the page"
    window.click("#logs-card .files button")
    until("the folder is shown", lambda: stage.shown()[-1:] == [str(collection)])
    window.click("[data-triage=panic] button")
    until("where the report is, is shown", lambda: stage.shown()[-1:] == [str(collection / "reports")])
    window.run("document.querySelector('#logs-outcome').scrollIntoView()")
    stage.scene(window, "logs in full")
    window.run("document.querySelector('#logs-card .files').scrollIntoView(false)")
    stage.scene(window, "logs in full to the end")

    told = len(stage.shown())
    for folder, file in (("..", None), (collection.name, "../../secret"), (str(collection), None), ("logs-gone", None)):
        assert refused(window, folder, file), f"{folder!r} {file!r} was shown"
    assert len(stage.shown()) == told

    collected(window, scope="system", duration_ms=60000)
    window.wait("time goes by", f"/^Listening for 1 minute: .* [0-9]+ s…/.test({OUTCOME})")
    assert window.run("return document.querySelector('#logs-form fieldset').disabled"), "it could be started twice"
    stage.scene(window, "logs under way")
    window.click("#logs-outcome .running button")
    window.wait("it is cancelled", f"/Cancelled/.test({OUTCOME})")
    assert not window.run("return document.querySelector('#logs-form fieldset').disabled")
    until("a cancelled collection leaves nothing", lambda: stage.collections() == [collection])
    stage.scene(window, "logs cancelled")

    inspected(window, UNTRUSTED)
    collected(window, scope="crash")
    window.wait("the phone refuses", "document.querySelector('#logs-outcome .problem') !== null")
    assert "Trust" in (window.text("#logs-outcome .problem") or ""), "nobody is told what to do"
    assert stage.collections() == [collection], "a phone that refused left files"
    stage.scene(window, "logs refused")

    inspected(window, CUT)
    collected(window, scope="crash")
    window.wait("what was cut", "document.querySelector('#logs-outcome [data-warning=truncated]') !== null")
    said = window.text("#logs-outcome [data-warning=truncated]") or ""
    assert said.endswith("Not everything was kept: something is larger than what is kept."), said
    window.run("document.querySelector('#logs-outcome').scrollIntoView()")
    stage.scene(window, "logs cut")

    inspected(window, COMPANY_ANDROID)
    assert window.text("#duration") is None, "an Android phone's log is not listened to"
    collected(window, scope="full")
    window.wait("the triage", "document.querySelector('#logs-triage [data-triage=app_crash]') !== null")
    window.run("document.querySelector('#logs-card').scrollIntoView()")
    stage.scene(window, "logs of an android phone")

    window.click("#make-report")
    window.wait("a report with the logs", "document.querySelector('#report-made .path') !== null", limit_s=60)

    window.resize(*NARROW_SIZE)
    window.run("document.querySelector('#logs-card').scrollIntoView()")
    stage.scene(window, "logs narrow")
    window.run("document.querySelectorAll('#logs-outcome details').forEach((each) => { each.open = true; })")
    window.run("document.querySelector('#logs-outcome').scrollIntoView()")
    stage.scene(window, "logs in full narrow")
    assert window.run("const e = document.querySelector('#inspection'); return e.scrollWidth <= e.clientWidth"), (
        "something is wider than the window"
    )
    window.resize(*USUAL_SIZE)


def refused(window: Window, folder: str, file: str | None) -> bool:
    """Whether the application shows the page something of this name."""
    window.run(
        "window.answer = null;"
        "window.__TAURI__.core.invoke('show_logs', {folder: arguments[0], file: arguments[1]})"
        ".then(() => { window.answer = 'shown'; }, () => { window.answer = 'refused'; })",
        folder,
        file,
    )
    return bool(window.wait("an answer", "window.answer") == "refused")


def services_hang(stage: Stage, window: Window) -> None:
    """usbmuxd and the adb server take connections and say nothing: the list is empty, and says that this proves nothing."""
    [bench] = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and b"tests/window/bench.py" in command_line(p)]
    os.kill(bench, signal.SIGSTOP)
    try:
        window.click("#refresh")
        said = window.wait("the list is known to be incomplete", "document.querySelector('#incomplete')?.innerText")
    finally:
        os.kill(bench, signal.SIGCONT)
    assert "There may be more phones" in said
    assert window.text("#no-devices") is None, "a hung service was taken for an empty bench"
    stage.scene(window, "services hang")
    window.click("#refresh")
    window.wait("the phones again", ALL_PHONES)
    window.wait("no word of more", "document.querySelector('#incomplete').innerText === ''")


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
    window.wait("the phones again", ALL_PHONES)
    assert window.text("#logs-triage"), "what was found out before is gone"
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
        services_hang(stage, window)
        logs(stage, window)
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
