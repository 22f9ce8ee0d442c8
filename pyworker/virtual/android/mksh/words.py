"""Expansion of words: parameters, command substitution, arithmetic, field splitting, file names.

A word becomes pieces (text, quoted); what is quoted is neither split nor a pattern. Functions, given the shell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyworker.virtual.android.mksh import braces, patterns
from pyworker.virtual.android.mksh.arithmetic import ArithmeticFault, Evaluation
from pyworker.virtual.android.mksh.tree import Arithmetic, Literal, Parameter, Substitution, Word

if TYPE_CHECKING:
    from pyworker.virtual.android.mksh.shell import Shell

Pieces = list[tuple[str, bool]]


class ExpansionFault(Exception):
    """An expansion that ends the shell, as an unset parameter under `set -u` does."""


def fields(shell: Shell, word: Word) -> list[str]:
    """The arguments a word becomes: none, one or many."""
    if any(isinstance(part, Literal) and not part.quoted and "{" in part.text for part in word):
        return [field for each in braces.expanded(word) for field in _fields_of_one(shell, each)]
    return _fields_of_one(shell, word)


def _fields_of_one(shell: Shell, word: Word) -> list[str]:
    found: list[Pieces] = []
    current: Pieces | None = None
    for part in word:
        if isinstance(part, Literal):
            current = [] if current is None else current
            current.append((part.text, part.quoted))
            continue
        if isinstance(part, Parameter) and part.name == "@" and part.quoted and part.operator == "":
            for index, each in enumerate(shell.arguments):
                if index and current is not None:
                    found.append(current)
                    current = []
                current = [] if current is None else current
                current.append((each, True))
            continue
        pieces = part_pieces(shell, part)
        if part.quoted:
            current = [] if current is None else current
            current.extend((text, True) for text, _ in pieces)
            continue
        for text, quoted in pieces:
            if quoted:
                current = [] if current is None else current
                current.append((text, True))
                continue
            current = _split(shell, text, found, current)
    if current is not None:
        found.append(current)
    arguments: list[str] = []
    for pieces in found:
        plain = "".join(text for text, _ in pieces)
        names = shell.phone.files.glob(pieces, shell.directory) if patterns.has_pattern(pieces) else []
        arguments.extend(names or [plain])
    return arguments


def _split(shell: Shell, text: str, found: list[Pieces], current: Pieces | None) -> Pieces | None:
    """Splits an unquoted expansion at IFS; full fields go to `found`, the open one is returned."""
    separators = shell.variables.get("IFS", " \t\n")
    blanks = "".join(each for each in separators if each in " \t\n")
    start = 0
    at = 0
    while at < len(text):
        if text[at] not in separators:
            at += 1
            continue
        if at > start:
            current = [] if current is None else current
            current.append((text[start:at], False))
        # Blanks beside a separator belong to it; each separator that is no blank ends a field, an empty one too.
        hard = 0
        while at < len(text) and text[at] in separators:
            if text[at] not in blanks:
                if hard or current is None:
                    current = []
                found.append(current)
                current = None
                hard += 1
            at += 1
        if current is not None:
            found.append(current)
            current = None
        start = at
    if start < len(text):
        current = [] if current is None else current
        current.append((text[start:], False))
    return current


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
    operator = part.operator
    if operator == "length":
        if found is None and "u" in shell.options and part.name not in ("@", "*"):
            raise ExpansionFault(f"{part.name}: parameter not set")
        return [(str(len(shell.arguments) if part.name in ("@", "*") else len(found or "")), False)]
    argument = part.argument or ()
    unset = not found if operator.startswith(":") and len(operator) == 2 else found is None
    if operator in ("-", ":-"):
        return pieces_of(shell, argument) if unset else [(found or "", False)]
    if operator in ("+", ":+"):
        return [] if unset else pieces_of(shell, argument)
    if operator in ("=", ":="):
        if unset:
            found = text(shell, argument)
            shell.assign(part.name, found)
        return [(found or "", False)]
    if operator in ("?", ":?"):
        if unset:
            raise ExpansionFault(f"{part.name}: {text(shell, argument) or 'parameter null or not set'}")
        return [(found or "", False)]
    if found is None:
        if "u" in shell.options and part.name not in ("@", "*"):
            raise ExpansionFault(f"{part.name}: parameter not set")
        found = ""
    if operator in ("#", "##"):
        found = patterns.without_prefix(pieces_of(shell, argument), found, operator == "##")
    elif operator in ("%", "%%"):
        found = patterns.without_suffix(pieces_of(shell, argument), found, operator == "%%")
    elif operator in ("/", "//"):
        found = patterns.replaced(
            pieces_of(shell, argument), found, text(shell, part.replacement or ()), operator == "//"
        )
    elif operator == ":":
        found = _slice(shell, found, text(shell, argument))
    return [(found, False)]


def _slice(shell: Shell, found: str, bounds: str) -> str:
    start_text, colon, length_text = bounds.partition(":")
    start = evaluate(shell, start_text)
    start = max(0, len(found) + start) if start < 0 else start
    if not colon:
        return found[start:]
    length = evaluate(shell, length_text)
    return found[start : start + length] if length >= 0 else found[start:length]
