"""The command line and the life cycle: from the taken descriptors to the exit code."""

import _signal  # the signal module would build enumerations for a millisecond; these two functions need none
import os
import sys

from protocol.spill import Spill
from protocol.stdio import Taken, Wire
from pyworker import guard, log
from pyworker.launcher import Launcher
from pyworker.settings import USAGE, Settings, WrongOption, parse
from pyworker.worker import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from protocol.transcript import Recorder

EXIT_WRONG_OPTION = 2
EXIT_UNCONTAINED = 5
# What was logged last is worth a moment of waiting, if the parent reads it at all.
SETTLE_S = 0.25


def main(taken: Taken) -> "NoReturn":
    arguments = sys.argv[1:]
    if "--help" in arguments or "-h" in arguments:
        _say(taken, USAGE)
    if "--version" in arguments:
        from pyworker.health import VERSION

        _say(taken, VERSION + "\n")
    try:
        settings = parse(arguments, os.environ)
        recorder = _recorder(settings)
    except WrongOption as problem:
        os.write(taken.stderr, f"pyworker: {problem}\n".encode(errors="replace"))
        os._exit(EXIT_WRONG_OPTION)
    log.set_level(settings.log_level)
    spill = Spill(taken.spill, taken.stderr, guard.join)
    code = guard.EXIT_BUG
    try:
        guard.start()
        if settings.require_containment:
            # Before any thread is there: what the kernel puts on a thread is on those it starts, not on those it finds.
            guard.demand(settings)
        spill.start()

        def contain() -> None:
            guard.seal(settings)
            worker.sealed()

        launcher = Launcher(contain, lambda: worker.leave("bug"))
        worker = Worker(settings, lambda receive, ended: Wire(taken, receive, ended, guard.join), launcher.start, recorder)
        _leave_when_terminated(worker)
        code = worker.run()
    except guard.Uncontained as problem:
        spill.start()
        log.write("error", "uncontained", missing=str(problem))
        code = EXIT_UNCONTAINED
    except BaseException as bug:  # noqa: BLE001  the exit code tells the parent
        log.bug("crashed", bug)
    finally:
        guard.tidy()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        spill.settle(SETTLE_S)
        os._exit(code)


def _leave_when_terminated(worker: Worker) -> None:
    """SIGHUP is obeyed unless whoever started this asked for it not to be, as nohup does. Not every system has it."""
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(_signal, name, None)
        if number is None or (name == "SIGHUP" and _signal.getsignal(number) == _signal.SIG_IGN):
            continue
        _signal.signal(number, lambda *_: worker.leave("terminated"))


def _recorder(settings: Settings) -> "Recorder | None":
    if settings.record is None:
        return None
    from protocol.transcript import Recorder

    try:
        return Recorder(settings.record, lambda problem: log.write("warning", "record_ended", errno=problem.errno))
    except OSError as problem:
        raise WrongOption(f"--record: {problem.strerror}") from None
    except ValueError as problem:
        raise WrongOption(f"--record: {problem}") from None


def _say(taken: Taken, text: str) -> "NoReturn":
    """For a person who asked: the one time that something else than JSON-RPC is written."""
    os.write(taken.stderr if taken.output is None else taken.output, text.encode())
    os._exit(0)
