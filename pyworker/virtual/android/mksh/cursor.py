"""A place in the text of a script, and what can be said of the text there without knowing the grammar."""

from __future__ import annotations

import re
from collections.abc import Callable

OPERATORS = (
    "&&", "||", ";;", "|&", "<<<", "<<-", "<<", ">>", ">&", "<&", "<>", ">|", "&>", "&", "|", ";", "<", ">",
    "(", ")",
)
OPERATOR_STARTS = "&|;<>()"
BLANK = " \t"
WORD_ENDS = " \t\n;&|<>()"
UNQUOTED = re.compile(r"""[^ \t\n;&|<>()"'\\$`]+""")
QUOTES = ('"', "'", "\\", "$", "`")
NAME_START = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
NAME_REST = NAME_START + "0123456789"


class ShellSyntaxError(Exception):
    """The script cannot be parsed; the text is what follows `/system/bin/sh: `."""


class Cursor:
    """depth: of commands in commands. script_end: (text, start, depth) -> where the script of a `$(` that starts there
    has its closing parenthesis; words hold scripts, so reading a word takes the grammar of commands."""

    __slots__ = ("text", "at", "depth", "script_end")

    def __init__(self, text: str, script_end: Callable[[str, int, int], int], at: int = 0, depth: int = 0) -> None:
        self.text = text
        self.at = at
        self.depth = depth
        self.script_end = script_end

    def over(self, text: str) -> Cursor:
        """The start of another text of the same script: a here-document, an arithmetic expression."""
        return Cursor(text, self.script_end)

    def at_end(self) -> bool:
        return self.at >= len(self.text)

    def at_one_of(self, characters: str) -> bool:
        return self.at < len(self.text) and self.text[self.at] in characters

    def at_end_or(self, characters: str) -> bool:
        return self.at >= len(self.text) or self.text[self.at] in characters

    def at_text(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        """Goes past the text if it stands here."""
        if not self.text.startswith(text, self.at):
            return False
        self.at += len(text)
        return True

    def name_end(self) -> int:
        """Where the name that starts here ends; here when none does."""
        end = self.at
        if self.at_one_of(NAME_START):
            while end < len(self.text) and self.text[end] in NAME_REST:
                end += 1
        return end

    def skip_blanks(self) -> None:
        """Past blanks, continued lines and a comment."""
        text = self.text
        while self.at < len(text):
            if text[self.at] in BLANK:
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#" and (self.at == 0 or text[self.at - 1] in WORD_ENDS):
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            else:
                return

    def operator(self) -> str:
        """The operator here, not taken; "" where there is none."""
        if not self.at_one_of(OPERATOR_STARTS):
            return ""
        return next((each for each in OPERATORS if self.text.startswith(each, self.at)), "")

    def reserved(self) -> str:
        """The unquoted plain word here, not taken; "" where there is none."""
        found = UNQUOTED.match(self.text, self.at)
        if found is None or self.text[found.end() : found.end() + 1] in QUOTES:
            return ""
        return found[0]

    def unexpected(self) -> ShellSyntaxError:
        """That what stands here may not."""
        if self.at_end():
            return ShellSyntaxError("syntax error: unexpected EOF")
        what = "newline" if self.at_text("\n") else self.operator() or self.reserved() or self.text[self.at]
        return ShellSyntaxError(f"syntax error: unexpected '{what}'")


def is_name(text: str) -> bool:
    return bool(text) and text[0] in NAME_START and all(char in NAME_REST for char in text)
