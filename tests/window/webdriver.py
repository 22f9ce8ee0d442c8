"""A WebDriver client of a few lines: what the window test needs of the W3C protocol, over http.client."""

import http.client
import json
import time
from pathlib import Path
from typing import Any

# The first answer comes when the application's window is there.
REQUEST_S = 60.0
POLL_S = 0.05
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name the specification gives to references of elements


class WebDriverError(Exception):
    """The driver refused; the message is its own."""


class Window:
    """One application under the driver at 127.0.0.1:port."""

    def __init__(self, port: int, application: Path) -> None:
        self._port = port
        options = {"webkitgtk:browserOptions": {"binary": str(application), "args": []}}
        self._path = "/session"
        session = self._ask("POST", "", {"capabilities": {"alwaysMatch": options}})
        self._path = f"/session/{session['sessionId']}"

    def _ask(self, verb: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_S)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(verb, self._path + path, text, {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(answer, dict) and "error" in answer:
            raise WebDriverError(f"{answer['error']}: {answer.get('message', '')}")
        return answer

    def run(self, script: str, *arguments: object) -> Any:
        """The value of a function body in the page."""
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector: str) -> str | None:
        """What is written in the first such element that can be seen; None without one."""
        return self.run(
            "const e = document.querySelector(arguments[0]);return e && e.checkVisibility() ? e.innerText : null",
            selector,
        )

    def click(self, selector: str) -> None:
        found = self._ask("POST", "/element", {"using": "css selector", "value": selector})
        self._ask("POST", f"/element/{found[_ELEMENT]}/click", {})

    def wait(self, what: str, condition: str, *arguments: object, limit_s: float = 20.0) -> Any:
        """Until the JavaScript condition gives something true. Raises AssertionError naming `what`."""
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            value = self.run(f"return {condition}", *arguments)
            if value:
                return value
            time.sleep(POLL_S)
        raise AssertionError(
            f"{what}: not within {limit_s:g} s; the page says {self.run('return document.body.innerText')!r}"
        )

    def resize(self, width: int, height: int) -> None:
        self._ask("POST", "/window/rect", {"width": width, "height": height})

    def close(self) -> None:
        """As if its cross had been clicked: the last window, so the application leaves."""
        self._ask("DELETE", "/window")

    def forget(self) -> None:
        """End the driver's session, whatever is left of the application."""
        try:
            self._ask("DELETE", "")
        except (WebDriverError, OSError):
            return  # the application left first, and took the session with it
