"""Expansion of words: parameters, command substitution, arithmetic, field splitting, file names.

A word becomes pieces (text, quoted); what is quoted is neither split nor a pattern. Functions, given the shell.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh import braces, patterns
from pyworker.virtual.android.mksh.arithmetic import ArithmeticFault, Evaluation
from pyworker.virtual.android.mksh.tree import Arithmetic, Literal, Parameter, Substitution, Word

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell

Pieces = list[tuple[str, bool]]
BY_PRESENCE = ("-", ":-", "+", ":+", "=", ":=", "?", ":?")


class ExpansionFault(Exception):
    """An expansion that ends the shell, as an unset parameter under `set -u` does."""


class ReadOnly(ExpansionFault):
    """Ends the shell with another status than other faults do."""


def fields(shell: Shell, word: Word) -> list[str]:
    """The arguments a word becomes: none, one or many."""
    if any(isinstance(part, Literal) and not part.quoted and "{" in part.text for part in word):
        return [field for each in braces.expanded(word) for field in _fields_of_one(shell, each)]
    return _fields_of_one(shell, word)


class _Fields:
    """The fields of a word as it is expanded: those that have ended and the open one, None where none was begun."""

    __slots__ = ("ended", "open")

    def __init__(self) -> None:
        self.ended: list[Pieces] = []
        self.open: Pieces | None = None

    def begin(self) -> Pieces:
        """The open field, which may stay empty: `""` is a field, an unset `$x` is none."""
        if self.open is None:
            self.open = []
        return self.open

    def add(self, text: str, quoted: bool) -> None:
        self.begin().append((text, quoted))

    def end(self) -> None:
        if self.open is not None:
            self.ended.append(self.open)
            self.open = None


def _fields_of_one(shell: Shell, word: Word) -> list[str]:
    fields = _Fields()
    for part in word:
        if isinstance(part, Literal):
            fields.add(part.text, part.quoted)
        elif isinstance(part, Parameter) and part.name == "@" and part.quoted and part.operator == "":
            for index, argument in enumerate(shell.arguments):
                if index:
                    fields.end()
                fields.add(argument, True)
        else:
            _expand_into(fields, shell, part)
    fields.end()
    return [name for pieces in fields.ended for name in _file_names(shell, pieces)]


def _expand_into(fields: _Fields, shell: Shell, part: Parameter | Substitution | Arithmetic) -> None:
    pieces = part_pieces(shell, part)
    if part.quoted:
        fields.begin()
    for text, quoted in pieces:
        if part.quoted or quoted:
            fields.add(text, True)
        else:
            _split_into(fields, text, shell.variables.get("IFS", " \t\n"))


def _split_into(fields: _Fields, text: str, separators: str) -> None:
    """An unquoted expansion, split at IFS. Blanks beside another separator belong to it; each separator that is no
    blank ends a field, an empty one too."""
    for are_separators, run in groupby(text, lambda char: char in separators):
        if not are_separators:
            fields.add("".join(run), False)
            continue
        for char in run:
            if char not in " \t\n":
                fields.begin()
                fields.end()
        fields.end()


def _file_names(shell: Shell, pieces: Pieces) -> list[str]:
    """The files a field stands for; itself where it is no pattern or fits none."""
    names = shell.phone.files.glob(pieces, shell.directory) if patterns.has_pattern(pieces) else []
    return names or ["".join(text for text, _ in pieces)]


def text(shell: Shell, word: Word) -> str:
    """The word as one text: assignments, `case`, redirections."""
    return "".join(each for each, _ in pieces_of(shell, word))


def pieces_of(shell: Shell, word: Word) -> Pieces:
    """The word as a pattern."""
    out: Pieces = []
    for part in word:
        if isinstance(part, Literal):
            out.append((part.text, part.quoted))
        else:
            out.extend((each, quoted or part.quoted) for each, quoted in part_pieces(shell, part))
    return out


def part_pieces(shell: Shell, part: Parameter | Substitution | Arithmetic) -> Pieces:
    if isinstance(part, Substitution):
        return [(shell.output_of(part.script), False)]
    if isinstance(part, Arithmetic):
        return [(str(evaluate(shell, text(shell, part.expression))), False)]
    return _parameter(shell, part)


def evaluate(shell: Shell, expression: str) -> int:
    try:
        return Evaluation(expression, lambda name: value(shell, name) or "", shell.assign).value()
    except ArithmeticFault as fault:
        raise ExpansionFault(str(fault)) from None


def value(shell: Shell, name: str) -> str | None:
    """A parameter's value; None when it is not set."""
    if name in shell.variables:
        return shell.variables[name]
    if name.isdigit():
        number = int(name)
        if number == 0:
            return shell.name
        return shell.arguments[number - 1] if number <= len(shell.arguments) else None
    if name in ("@", "*"):
        separator = shell.variables.get("IFS", " ")[:1] if name == "*" else " "
        return separator.join(shell.arguments)
    return shell.special(name)


def _parameter(shell: Shell, part: Parameter) -> Pieces:
    found = value(shell, part.name)
    if part.operator in BY_PRESENCE:
        return _by_presence(shell, part, found)
    if found is None and "u" in shell.options and part.name not in ("@", "*"):
        raise ExpansionFault(f"{part.name}: parameter not set")
    if part.operator == "length":
        return [(str(len(shell.arguments) if part.name in ("@", "*") else len(found or "")), False)]
    return [(_edited(shell, part, found or ""), False)]


def _by_presence(shell: Shell, part: Parameter, found: str | None) -> Pieces:
    """`${x-…}` and its like: with a colon an empty value is as good as none."""
    is_missing = not found if part.operator.startswith(":") else found is None
    argument = part.argument or ()
    kind = part.operator[-1]
    if kind == "+":
        return [] if is_missing else pieces_of(shell, argument)
    if not is_missing:
        return [(found or "", False)]
    if kind == "-":
        return pieces_of(shell, argument)
    if kind == "?":
        raise ExpansionFault(f"{part.name}: {text(shell, argument) or 'parameter null or not set'}")
    assigned = text(shell, argument)
    shell.assign(part.name, assigned)
    return [(assigned, False)]


def _edited(shell: Shell, part: Parameter, found: str) -> str:
    """The value with a part taken off, replaced or picked."""
    operator, argument = part.operator, part.argument or ()
    if operator in ("#", "##"):
        return patterns.without_prefix(pieces_of(shell, argument), found, operator == "##")
    if operator in ("%", "%%"):
        return patterns.without_suffix(pieces_of(shell, argument), found, operator == "%%")
    if operator in ("/", "//"):
        by = text(shell, part.replacement or ())
        return patterns.replaced(pieces_of(shell, argument), found, by, operator == "//")
    if operator == ":":
        return _slice(shell, found, text(shell, argument))
    return found


def _slice(shell: Shell, found: str, bounds: str) -> str:
    start_text, colon, length_text = bounds.partition(":")
    start = evaluate(shell, start_text)
    start = max(0, len(found) + start) if start < 0 else start
    if not colon:
        return found[start:]
    length = evaluate(shell, length_text)
    return found[start : start + length] if length >= 0 else found[start:length]
