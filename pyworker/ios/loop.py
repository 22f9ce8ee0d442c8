"""The one event loop of everything that talks to iPhones, in the one thread it has, from the first request on.

Handlers run on threads of their own and wait here for what the loop does for them. A handler that is told to stop has
its work in the loop cancelled at once, wherever it waits.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from protocol.errors import request_cancelled
from pyworker import log
from pyworker.errors import failure

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from pyworker.call import Call

Result = TypeVar("Result")

# How long before the deadline an answer is ready, so that it is on its way in time: this, or a share of a short wait.
MARGIN_S = 0.25
MARGIN_SHARE = 0.1

# Work ends by itself before the call's deadline. Only a loop that is too busy to say so is waited for any longer.
GRACE_S = 0.5

_starting = threading.Lock()
_loop: asyncio.AbstractEventLoop | None = None


def answer_by(call: Call) -> float:
    """When the work of a call has to be over, on the clock of time.monotonic, which is the event loop's too."""
    remaining = call.remaining()
    return monotonic() + remaining - min(MARGIN_S, remaining * MARGIN_SHARE)


def run(call: Call, work: Coroutine[Any, Any, Result]) -> Result:
    """The result of `work`, done in the loop. From any thread but the loop's.

    Raises what `work` raises; RpcError `cancelled` as soon as the call is stopped, and `timeout` when even a result
    without answers did not come in time.
    """
    if call.stopped:
        work.close()
        raise request_cancelled()
    future = asyncio.run_coroutine_threadsafe(work, _running())
    forget = call.on_stop(lambda: _cancel(future))
    try:
        return future.result(call.remaining() + GRACE_S)
    except concurrent.futures.CancelledError:
        raise request_cancelled() from None
    except TimeoutError:
        future.cancel()
        raise failure("timeout") from None
    finally:
        forget()


def _cancel(future: concurrent.futures.Future[Any]) -> None:
    future.cancel()


def _running() -> asyncio.AbstractEventLoop:
    global _loop
    with _starting:
        if _loop is None:
            # Everywhere the selector loop: that of Windows by default keeps an aborted socket until its last read ends.
            _loop = asyncio.SelectorEventLoop()
            _loop.set_exception_handler(_note)
            # A daemon: whatever a phone does, it never keeps the process alive.
            threading.Thread(target=_loop.run_forever, name="ios-loop", daemon=True).start()
        return _loop


def _note(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What went wrong in a callback, where nobody waits for it."""
    error = context.get("exception")
    if isinstance(error, Exception):
        log.bug("ios_loop", error)
    else:
        log.write("error", "ios_loop")
