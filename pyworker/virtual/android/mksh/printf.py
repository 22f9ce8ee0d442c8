"""printf's format: the shell's own printf and toybox's both go by it."""

from __future__ import annotations

import re
from typing import NamedTuple

from pyworker.virtual.android.mksh.escapes import unescape

DIRECTIVE = re.compile(r"%([-+ #0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])")
UNSIGNED = 0xFFFFFFFFFFFFFFFF  # a negative number is printed as the 64 bits it is held in


class Printed(NamedTuple):
    r"""used: how many arguments the format took. bad: those of them that are no numbers. stopped: `\c` ended it."""

    text: str
    used: int
    bad: list[str]
    stopped: bool


def formatted(form: str, arguments: list[str]) -> Printed:
    """One pass over the format."""
    given = _Arguments(arguments)
    out: list[str] = []
    at = 0
    stopped = False
    while at < len(form) and not stopped:
        directive = DIRECTIVE.match(form, at)
        if directive:
            text, stopped = _directed(directive, given)
            at = directive.end()
        else:
            end = form.find("%", at + 1)
            end = len(form) if end < 0 else end
            text, stopped = unescape(form[at:end])
            at = end
        out.append(text)
    return Printed("".join(out), min(given.used, len(arguments)), given.bad, stopped)


class _Arguments:
    """Taken one after another; where there are no more, an empty one."""

    __slots__ = ("given", "used", "bad")

    def __init__(self, given: list[str]) -> None:
        self.given = given
        self.used = 0
        self.bad: list[str] = []

    def text(self) -> str:
        self.used += 1
        return self.given[self.used - 1] if self.used <= len(self.given) else ""

    def integer(self) -> int:
        """Decimal, octal or hexadecimal, or the code of the character behind a quote."""
        text = self.text()
        if text[:1] in ("'", '"'):
            return ord(text[1]) if len(text) > 1 else 0
        base = 0 if re.match(r"[-+]?0[xX]", text) else 8 if re.fullmatch(r"[-+]?0[0-7]+", text) else 10
        try:
            return int(text or "0", base)
        except ValueError:
            self.bad.append(text)
            leading = re.match(r"\s*[-+]?\d+", text)
            return int(leading[0]) if leading else 0

    def real(self) -> float:
        text = self.text()
        try:
            return float(text or "0")
        except ValueError:
            self.bad.append(text)
            return 0.0


def _directed(directive: re.Match[str], given: _Arguments) -> tuple[str, bool]:
    """What a directive makes of the next argument, and whether the output ends with it."""
    flags, width, precision, letter = directive[1], directive[2] or "", directive[3], directive[4]
    if letter == "%":
        return "%", False
    if width == "*":
        width = str(given.integer())
    if precision == "*":
        precision = str(given.integer())
    dotted = "" if precision is None and "." not in directive[0] else "." + (precision or "0")
    of_text, of_number = f"%{flags.replace('0', '')}{width}", f"%{flags}{width}{dotted}"
    if letter == "b":
        text, stopped = unescape(given.text())
        return f"{of_text}{dotted}s" % text, stopped
    if letter == "s":
        return f"{of_text}{dotted}s" % given.text(), False
    if letter == "c":
        return f"{of_text}s" % given.text()[:1], False
    if letter in "di":
        return f"{of_number}d" % given.integer(), False
    if letter in "uoxX":
        return f"{of_number}{'d' if letter == 'u' else letter}" % (given.integer() & UNSIGNED), False
    if letter in "eEfFgGaA":
        return f"{of_number}{'g' if letter in 'aA' else letter}" % given.real(), False
    return directive[0], False
