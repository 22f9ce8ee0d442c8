"""`[`, `test` and `[[ … ]]`: whether a condition holds. Statuses and messages are those of mksh R59."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh import patterns, words
from pyworker.virtual.android.mksh.tree import Condition

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell

FILE_TESTS = ["-e", "-f", "-d", "-r", "-w", "-x", "-s", "-L", "-h", "-p", "-S", "-b", "-c"]
BINARY_TESTS = ("=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge")


def test(shell: Shell, arguments: list[str]) -> int:
    rest = arguments[1:]
    if arguments[0] == "[":
        if not rest or rest[-1] != "]":
            shell.complain("[: missing ]")
            return 2
        rest = rest[:-1]
    try:
        return 0 if Expression(shell, [(each, [(each, True)]) for each in rest]).value() else 1
    except Fault as fault:
        shell.complain(f"{arguments[0]}: {fault}")
        return 2


def condition(shell: Shell, command: Condition) -> int:
    """`[[ … ]]`."""
    tokens = [
        ("".join(text for text, _ in pieces), pieces)
        for pieces in (words.pieces_of(shell, word) for word in command.words)
    ]
    try:
        return 0 if Expression(shell, tokens, double=True).value() else 1
    except Fault as fault:
        shell.complain(f"[[: {fault}")
        return 2


class Fault(Exception):
    """It cannot be understood; the text is what mksh says."""


class Expression:
    """The little language of `[` and `[[`: each token is its text and its pieces as a pattern."""

    __slots__ = ("shell", "tokens", "at", "double")

    def __init__(self, shell: Shell, tokens: list[tuple[str, list[tuple[str, bool]]]], double: bool = False) -> None:
        self.shell = shell
        self.tokens = tokens
        self.at = 0
        self.double = double

    def value(self) -> bool:
        if not self.tokens:
            return False
        result = self._either()
        if self.at < len(self.tokens):
            raise Fault(f"{self.tokens[self.at][0]}: unexpected operator/operand")
        return result

    def _word(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][0] if at < len(self.tokens) else ""

    def _either(self) -> bool:
        result = self._both()
        while self._word() == ("||" if self.double else "-o"):
            self.at += 1
            other = self._both()
            result = result or other
        return result

    def _both(self) -> bool:
        result = self._not()
        while self._word() == ("&&" if self.double else "-a"):
            self.at += 1
            other = self._not()
            result = result and other
        return result

    def _not(self) -> bool:
        if self._word() == "!" and self.at + 1 < len(self.tokens):
            self.at += 1
            return not self._not()
        return self._primary()

    def _primary(self) -> bool:
        left = len(self.tokens) - self.at
        if left <= 0:
            raise Fault("unexpected end of expression")
        first = self._word()
        if left >= 3 and self._word(1) in BINARY_TESTS:
            self.at += 3
            right, pieces = self.tokens[self.at - 1]
            return self._compare(first, self.tokens[self.at - 2][0], right, pieces)
        if first == "(" and left >= 2:
            self.at += 1
            result = self._either()
            if self._word() != ")":
                raise Fault("missing )")
            self.at += 1
            return result
        if left >= 2 and re.fullmatch(r"-[a-zA-Z]", first):
            self.at += 2
            return self._single(first, self.tokens[self.at - 1][0])
        self.at += 1
        return first != ""

    def _single(self, operator: str, operand: str) -> bool:
        if operator == "-n":
            return operand != ""
        if operator == "-z":
            return operand == ""
        if operator == "-t":
            descriptor = self.shell.descriptors.get(int(operand)) if operand.isdigit() else None
            return descriptor is not None and descriptor.is_terminal
        if operator in FILE_TESTS:
            return self.shell.phone.files.test(
                operator, self.shell.phone.files.absolute(operand, self.shell.directory), self.shell.uid
            )
        raise Fault(f"{operator}: unknown operator")

    def _compare(self, left: str, operator: str, right: str, pattern: list[tuple[str, bool]]) -> bool:
        if operator in ("=", "==", "!="):
            same = patterns.matches(pattern, left) if self.double else left == right
            return same != (operator == "!=")
        if operator in ("<", ">"):
            return left < right if operator == "<" else left > right
        try:
            one, two = words.evaluate(self.shell, left), words.evaluate(self.shell, right)
        except words.ExpansionFault as fault:
            raise Fault(str(fault)) from None
        return {
            "-eq": one == two,
            "-ne": one != two,
            "-lt": one < two,
            "-le": one <= two,
            "-gt": one > two,
            "-ge": one >= two,
        }[operator]
