"""The tree a script becomes: words and their parts, commands and what they are made of."""

from __future__ import annotations

from typing import NamedTuple


class Literal(NamedTuple):
    text: str
    quoted: bool


class Parameter(NamedTuple):
    name: str
    operator: str  # "", "#" (length), or one of - = ? + with or without ":", # ## % %% / //
    argument: Word | None
    replacement: Word | None
    quoted: bool


class Substitution(NamedTuple):
    script: str
    quoted: bool


class Arithmetic(NamedTuple):
    expression: Word
    quoted: bool


Part = Literal | Parameter | Substitution | Arithmetic
Word = tuple[Part, ...]


class Redirection(NamedTuple):
    descriptor: int
    operator: str  # < > >> <> >& <& << <<<
    target: Word


class Simple(NamedTuple):
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirections: list[Redirection]


class Pipeline(NamedTuple):
    negated: bool
    commands: tuple[Command, ...]


class AndOr(NamedTuple):
    first: Pipeline
    rest: tuple[tuple[str, Pipeline], ...]  # ("&&" or "||", pipeline)
    background: bool


class Script(NamedTuple):
    steps: tuple[AndOr, ...]


class Group(NamedTuple):
    body: Script
    redirections: list[Redirection]


class Subshell(NamedTuple):
    body: Script
    redirections: list[Redirection]


class If(NamedTuple):
    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script | None
    redirections: list[Redirection]


class Loop(NamedTuple):
    until: bool
    condition: Script
    body: Script
    redirections: list[Redirection]


class For(NamedTuple):
    name: str
    words: tuple[Word, ...] | None  # None: the positional parameters
    body: Script
    redirections: list[Redirection]


class Case(NamedTuple):
    subject: Word
    branches: tuple[tuple[tuple[Word, ...], Script], ...]
    redirections: list[Redirection]


class Function(NamedTuple):
    name: str
    body: Command


class ArithmeticCommand(NamedTuple):
    expression: Word
    redirections: list[Redirection]


class Condition(NamedTuple):
    """`[[ … ]]`: its words, unsplit; `=` `==` `!=` match patterns."""

    words: tuple[Word, ...]
    redirections: list[Redirection]


Command = Simple | Group | Subshell | If | Loop | For | Case | Function | ArithmeticCommand | Condition


def plain_text(word: Word) -> str:
    """The text of a word without expansions or quotes; "" for any other."""
    if len(word) == 1 and isinstance(word[0], Literal) and not word[0].quoted:
        return word[0].text
    return ""
