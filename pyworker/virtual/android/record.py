"""What a virtual phone or server was asked, in order: tests prove with it that nothing but reads ever arrived.

kinds: "connect" (a host's banner), "auth" ("signature accepted|refused", "public key …"), "service" (every OPEN, as
text), "command" (every program run, its arguments joined by a space), "builtin" (what the shell answered itself),
"change" (something on the phone was or would have been altered), "host" (a request to the adb server itself),
"fault" (a planned fault that struck), "died" (the server or the transport was brought down by what it was sent).
"""

from __future__ import annotations

from typing import NamedTuple


class Request(NamedTuple):
    kind: str
    text: str
