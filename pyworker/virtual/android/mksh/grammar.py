"""Text of a shell script -> a tree, one complete command at a time.

The language is the one of Android's /system/bin/sh (mksh) as far as scripts sent over adb use it: lists, pipelines,
groups, subshells, if, for, while, until, case, functions, redirections, here-documents, quoting and expansions.
Rules: a command is parsed whole before any of it runs, and a later syntax error does not undo what ran before it
(so `next_command` returns one command and the caller runs it before asking again). No I/O, no state but the position.
Messages of syntax errors are those mksh R59 prints (measured), without the prefix.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class ShellSyntaxError(Exception):
    """The script cannot be parsed; the text is what follows `/system/bin/sh: `."""


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

OPERATORS = (
    "&&",
    "||",
    ";;",
    "|&",
    "<<<",
    "<<-",
    "<<",
    ">>",
    ">&",
    "<&",
    "<>",
    ">|",
    "&>",
    "&",
    "|",
    ";",
    "<",
    ">",
    "(",
    ")",
)
REDIRECTIONS = ("<<<", "<<-", "<<", ">>", ">&", "<&", "<>", ">|", "&>", "<", ">")
BLANK = " \t"
WORD_ENDS = " \t\n;&|<>()"
OPERATOR_STARTS = "&|;<>()"
REDIRECTION_STARTS = "<>&0123456789"
UNQUOTED = re.compile(r"""[^ \t\n;&|<>()"'\\$`]+""")
QUOTES = ('"', "'", "\\", "$", "`")
NAME_START = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
NAME_REST = NAME_START + "0123456789"
CLOSERS = ("then", "elif", "else", "fi", "do", "done", "esac", "}")
MAX_NESTING = 60  # far above any script; below the depth at which Python's own stack ends


class Parser:
    """Reads one script. `next_command()` until it returns None."""

    __slots__ = ("text", "at", "pending", "depth")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.pending: list[
            tuple[list[Redirection], int, str, bool, bool]
        ] = []  # here-documents whose text is yet to come
        self.depth = 0

    def next_command(self) -> Script | None:
        """The next list of commands up to its newline; None at the end. Raises ShellSyntaxError."""
        self._skip_lines()
        if self.at >= len(self.text):
            return None
        steps = self._line_of_steps(())
        self._blank()
        if self.at < len(self.text) and self.text[self.at] != "\n":
            raise self._unexpected()
        if self.at < len(self.text):
            self._newline()
        elif self.pending:
            raise ShellSyntaxError(f"here document '{self.pending[0][2]}' unclosed")
        return Script(tuple(steps))

    # -- white space, comments, operators

    def _blank(self) -> None:
        text = self.text
        while self.at < len(text):
            if text[self.at] in BLANK:
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif text[self.at] == "#" and (self.at == 0 or text[self.at - 1] in WORD_ENDS):
                while self.at < len(text) and text[self.at] != "\n":
                    self.at += 1
            else:
                return

    def _newline(self) -> None:
        self.at += 1
        for redirections, index, delimiter, expand, strip in self.pending:
            redirections[index] = redirections[index]._replace(target=self._here_text(delimiter, expand, strip))
        self.pending = []

    def _skip_lines(self) -> None:
        self._blank()
        while self.at < len(self.text) and self.text[self.at] == "\n":
            self._newline()
            self._blank()

    def _operator(self) -> str:
        if self.at >= len(self.text) or self.text[self.at] not in OPERATOR_STARTS:
            return ""
        for operator in OPERATORS:
            if self.text.startswith(operator, self.at):
                return operator
        return ""

    def _reserved(self) -> str:
        """The unquoted plain word here, without taking it; "" where there is none."""
        found = UNQUOTED.match(self.text, self.at)
        if found is None or self.text[found.end() : found.end() + 1] in QUOTES:
            return ""
        return found[0]

    def _take(self, word: str, opener: str) -> None:
        self._skip_lines()
        if self._reserved() != word:
            if self.at >= len(self.text):
                raise ShellSyntaxError(f"syntax error: unmatched '{opener}'")
            raise self._unexpected()
        self.at += len(word)

    def _unexpected(self) -> ShellSyntaxError:
        if self.at >= len(self.text):
            return ShellSyntaxError("syntax error: unexpected EOF")
        if self.text[self.at] == "\n":
            return ShellSyntaxError("syntax error: unexpected 'newline'")
        return ShellSyntaxError(
            f"syntax error: unexpected '{self._operator() or self._reserved() or self.text[self.at]}'"
        )

    # -- lists and pipelines

    def _line_of_steps(self, closers: tuple[str, ...]) -> list[AndOr]:
        steps: list[AndOr] = []
        while True:
            self._blank()
            if self._ends_list(closers):
                return steps
            step = self._and_or()
            self._blank()
            operator = self._operator()
            if operator == "&":
                step = step._replace(background=True)
            steps.append(step)
            if operator not in ("&", ";"):
                return steps
            self.at += 1

    def _ends_list(self, closers: tuple[str, ...]) -> bool:
        if self.at >= len(self.text) or self.text[self.at] in "\n)" or self.text.startswith(";;", self.at):
            return True
        return bool(closers) and self._reserved() in closers

    def _body(self, closers: tuple[str, ...], opener: str) -> Script:
        """The list inside a compound command: many lines, up to one of the closers (not taken) or `)` or `;;`."""
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise ShellSyntaxError("syntax error: nested too deeply")
        steps: list[AndOr] = []
        while True:
            self._skip_lines()
            if self.at >= len(self.text):
                raise ShellSyntaxError(f"syntax error: unmatched '{opener}'")
            if self._ends_list(closers):
                break
            before = self.at
            steps.extend(self._line_of_steps(closers))
            self._blank()
            if self.at < len(self.text) and self.text[self.at] != "\n" and not self._ends_list(closers):
                raise self._unexpected()
            if self.at == before:
                raise self._unexpected()
        self.depth -= 1
        return Script(tuple(steps))

    def _and_or(self) -> AndOr:
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            self._blank()
            operator = self._operator()
            if operator not in ("&&", "||"):
                return AndOr(first, tuple(rest), False)
            self.at += 2
            self._skip_lines()
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        negated = False
        self._blank()
        while self._reserved() == "!":
            negated = not negated
            self.at += 1
            self._blank()
        commands = [self._command()]
        while True:
            self._blank()
            operator = self._operator()
            if operator not in ("|", "|&"):
                return Pipeline(negated, tuple(commands))
            self.at += len(operator)
            self._skip_lines()
            commands.append(self._command())

    # -- commands

    def _command(self) -> Command:
        self._blank()
        if self.text.startswith("((", self.at):
            expression = self._arithmetic_text(self.at + 2)
            if expression is not None:
                return ArithmeticCommand(expression, self._redirections())
        if self.at < len(self.text) and self.text[self.at] == "(":
            self.at += 1
            body = self._body((), "(")
            if not body.steps or self.text[self.at] != ")":
                raise self._unexpected()
            self.at += 1
            return Subshell(body, self._redirections())
        word = self._reserved()
        if word == "{":
            self.at += 1
            body = self._body(("}",), "{")
            if self._reserved() != "}" or not body.steps:
                raise self._unexpected()
            self.at += 1
            return Group(body, self._redirections())
        if word == "if":
            return self._if()
        if word in ("while", "until"):
            self.at += 5
            condition = self._body(("do", "done"), word)
            self._take("do", word)
            loop = self._body(("done",), word)
            self._take("done", word)
            return Loop(word == "until", condition, loop, self._redirections())
        if word == "for":
            return self._for()
        if word == "case":
            return self._case()
        if word == "[[":
            return self._condition()
        if word == "function":
            self.at += 8
            self._blank()
            name = self._reserved()
            self.at += len(name)
            self._skip_lines()
            return Function(name, self._command())
        if word in CLOSERS:
            raise self._unexpected()
        return self._simple()

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise: Script | None = None
        self.at += 2
        while True:
            condition = self._body(("then", "elif", "else", "fi"), "if")
            self._take("then", "if")
            branches.append((condition, self._body(("elif", "else", "fi"), "if")))
            word = self._reserved()
            if word == "elif":
                self.at += 4
                continue
            if word == "else":
                self.at += 4
                otherwise = self._body(("fi",), "if")
            self._take("fi", "if")
            return If(tuple(branches), otherwise, self._redirections())

    def _for(self) -> For:
        self.at += 3
        self._blank()
        name = self._reserved()
        if not name:
            raise self._unexpected()
        if not is_name(name):
            raise ShellSyntaxError("for: bad identifier")
        self.at += len(name)
        self._skip_lines()
        words: tuple[Word, ...] | None = None
        if self._reserved() == "in":
            self.at += 2
            found: list[Word] = []
            while True:
                self._blank()
                if self.at >= len(self.text) or self.text[self.at] in "\n;":
                    break
                found.append(self._word())
            words = tuple(found)
        self._blank()
        if self.at < len(self.text) and self.text[self.at] == ";":
            self.at += 1
        self._take("do", "for")
        body = self._body(("done",), "for")
        self._take("done", "for")
        return For(name, words, body, self._redirections())

    def _case(self) -> Case:
        self.at += 4
        self._blank()
        subject = self._word()
        self._take("in", "case")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while True:
            self._skip_lines()
            if self._reserved() == "esac":
                self.at += 4
                return Case(subject, tuple(branches), self._redirections())
            if self.at >= len(self.text):
                raise ShellSyntaxError("syntax error: unmatched 'case'")
            if self.text[self.at] == "(":
                self.at += 1
            patterns: list[Word] = []
            while True:
                self._blank()
                patterns.append(self._word())
                self._blank()
                if self.text.startswith("|", self.at):
                    self.at += 1
                    continue
                if not self.text.startswith(")", self.at):
                    raise self._unexpected()
                self.at += 1
                break
            branches.append((tuple(patterns), self._body(("esac",), "case")))
            if self.text.startswith(";;", self.at):
                self.at += 2
            elif self._reserved() != "esac":
                raise self._unexpected()

    def _condition(self) -> Condition:
        self.at += 2
        words: list[Word] = []
        while True:
            self._blank()
            if self.at >= len(self.text) or self.text[self.at] == "\n":
                raise ShellSyntaxError("syntax error: unmatched '[['")
            if self._reserved() == "]]":
                self.at += 2
                return Condition(tuple(words), self._redirections())
            operator = self._operator()
            if operator in ("&&", "||", "<", ">", "(", ")"):
                words.append((Literal(operator, False),))
                self.at += len(operator)
            else:
                words.append(self._word())

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            self._blank()
            if self._redirection(redirections):
                continue
            if self.at >= len(self.text) or self.text[self.at] in "\n;&|()":
                break
            name = self._assignment_name() if not words else ""
            if name:
                self.at += len(name) + 1
                assignments.append((name, self._word(may_be_empty=True)))
            else:
                words.append(self._word())
        if len(words) == 1 and not assignments and self.text.startswith("(", self.at):
            name = plain_text(words[0])
            end = self.at + 1
            while end < len(self.text) and self.text[end] in BLANK:
                end += 1
            if is_name(name) and self.text.startswith(")", end):
                self.at = end + 1
                self._skip_lines()
                return Function(name, self._command())
        if not words and not assignments and not redirections:
            raise self._unexpected()
        if self.at < len(self.text) and self.text[self.at] == "(":
            raise self._unexpected() if not words else self._after_parenthesis()
        return Simple(tuple(assignments), tuple(words), redirections)

    def _after_parenthesis(self) -> ShellSyntaxError:
        self.at += 1
        self._blank()
        return self._unexpected()

    def _assignment_name(self) -> str:
        end = self.at
        if end >= len(self.text) or self.text[end] not in NAME_START:
            return ""
        while end < len(self.text) and self.text[end] in NAME_REST:
            end += 1
        return self.text[self.at : end] if self.text.startswith("=", end) else ""

    # -- redirections

    def _redirections(self) -> list[Redirection]:
        found: list[Redirection] = []
        while True:
            self._blank()
            if not self._redirection(found):
                return found

    def _redirection(self, found: list[Redirection]) -> bool:
        end = self.at
        if end >= len(self.text) or self.text[end] not in REDIRECTION_STARTS:
            return False
        while end < len(self.text) and self.text[end].isdigit():
            end += 1
        operator = next((each for each in REDIRECTIONS if self.text.startswith(each, end)), "")
        if not operator or (operator == "&>" and end > self.at):
            return False
        descriptor = int(self.text[self.at : end]) if end > self.at else (0 if operator[0] == "<" else 1)
        self.at = end + len(operator)
        self._blank()
        if self.at >= len(self.text) or self.text[self.at] in WORD_ENDS:
            raise self._unexpected()
        target = self._word()
        if operator in ("<<", "<<-"):
            quoted = any(isinstance(part, Literal) and part.quoted for part in target)
            delimiter = "".join(part.text for part in target if isinstance(part, Literal))
            found.append(Redirection(descriptor, "<<", ()))
            self.pending.append((found, len(found) - 1, delimiter, not quoted, operator == "<<-"))
        elif operator == "&>":
            found.append(Redirection(1, ">", target))
            found.append(Redirection(2, ">&", (Literal("1", False),)))
        else:
            found.append(Redirection(descriptor, ">" if operator == ">|" else operator, target))
        return True

    def _here_text(self, delimiter: str, expand: bool, strip: bool) -> Word:
        lines: list[str] = []
        while True:
            if self.at >= len(self.text):
                raise ShellSyntaxError(f"here document '{delimiter}' unclosed")
            end = self.text.find("\n", self.at)
            line = self.text[self.at :] if end < 0 else self.text[self.at : end]
            self.at = len(self.text) if end < 0 else end + 1
            if strip:
                line = line.lstrip("\t")
            if line == delimiter:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        if not expand:
            return (Literal(text, True),)
        inner = Parser(text)
        parts: list[Part] = []
        inner._double_quoted(parts, "")
        return tuple(parts)

    # -- words

    def _word(self, may_be_empty: bool = False) -> Word:
        parts: list[Part] = []
        text = self.text
        plain: list[str] = []

        def flush() -> None:
            if plain:
                parts.append(Literal("".join(plain), False))
                plain.clear()

        start = self.at
        while self.at < len(text):
            char = text[self.at]
            if char in WORD_ENDS:
                break
            if char == "\\":
                if text.startswith("\\\n", self.at):
                    self.at += 2
                    continue
                flush()
                parts.append(Literal(text[self.at + 1 : self.at + 2] or "\\", True))
                self.at += 2
            elif char == "'":
                flush()
                end = text.find("'", self.at + 1)
                if end < 0:
                    raise ShellSyntaxError("no closing quote")
                parts.append(Literal(text[self.at + 1 : end], True))
                self.at = end + 1
            elif char == '"':
                flush()
                self.at += 1
                before = len(parts)
                self._double_quoted(parts, '"')
                if len(parts) == before:
                    parts.append(Literal("", True))
            elif text.startswith("$'", self.at):
                flush()
                parts.append(Literal(self._ansi_quoted(), True))
            elif char == "$" or char == "`":
                flush()
                self._dollar(parts, False)
            else:
                found = UNQUOTED.match(text, self.at)
                plain.append(found[0] if found else char)
                self.at += len(plain[-1])
        flush()
        if self.at == start and not may_be_empty:
            raise self._unexpected()
        return tuple(parts)

    def _double_quoted(self, parts: list[Part], closer: str) -> None:
        """Parts up to the closing quote (taken); with no closer, up to the end of the text (a here-document)."""
        text = self.text
        plain: list[str] = []
        while True:
            if self.at >= len(text):
                if closer:
                    raise ShellSyntaxError("no closing quote")
                break
            char = text[self.at]
            if char == closer:
                self.at += 1
                break
            if char == "\\" and self.at + 1 < len(text):
                following = text[self.at + 1]
                if following == "\n":
                    pass
                elif following in ("$`\\" + closer):
                    plain.append(following)
                else:
                    plain.append("\\" + following)
                self.at += 2
            elif char in "$`":
                if plain:
                    parts.append(Literal("".join(plain), True))
                    plain = []
                self._dollar(parts, True)
            else:
                plain.append(char)
                self.at += 1
        if plain:
            parts.append(Literal("".join(plain), True))

    def _ansi_quoted(self) -> str:
        end = self.at + 2
        while end < len(self.text) and self.text[end] != "'":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise ShellSyntaxError("no closing quote")
        inner = self.text[self.at + 2 : end]
        self.at = end + 1
        return unescape(inner, quotes=True)[0]

    def _dollar(self, parts: list[Part], quoted: bool) -> None:
        text = self.text
        if text[self.at] == "`":
            end = self.at + 1
            inner: list[str] = []
            while end < len(text) and text[end] != "`":
                if text[end] == "\\" and text[end + 1 : end + 2] in ("`", "\\", "$", *('"' if quoted else ())):
                    end += 1
                inner.append(text[end])
                end += 1
            if end >= len(text):
                raise ShellSyntaxError("no closing quote")
            self.at = end + 1
            parts.append(Substitution("".join(inner), quoted))
            return
        if text.startswith("$((", self.at):
            expression = self._arithmetic_text(self.at + 3)
            if expression is not None:
                parts.append(Arithmetic(expression, quoted))
                return
        if text.startswith("$(", self.at):
            start = self.at + 2
            inside = Parser(text)
            inside.at, inside.depth = start, self.depth
            inside._body((), "(")
            if inside.at >= len(text) or text[inside.at] != ")":
                raise inside._unexpected()
            parts.append(Substitution(text[start : inside.at], quoted))
            self.at = inside.at + 1
            return
        if text.startswith("${", self.at):
            parts.append(self._braced(quoted))
            return
        following = text[self.at + 1 : self.at + 2]
        if following and following in NAME_START:
            end = self.at + 1
            while end < len(text) and text[end] in NAME_REST:
                end += 1
            parts.append(Parameter(text[self.at + 1 : end], "", None, None, quoted))
            self.at = end
        elif following and following in "?$!#@*-0123456789":
            parts.append(Parameter(following, "", None, None, quoted))
            self.at += 2
        else:
            parts.append(Literal("$", quoted))
            self.at += 1

    def _braced(self, quoted: bool) -> Parameter:
        text = self.text
        self.at += 2
        length = text.startswith("#", self.at) and not text.startswith("#}", self.at)
        if length:
            self.at += 1
        end = self.at
        if text[end : end + 1] in tuple("?$!#@*-"):
            end += 1
        else:
            while end < len(text) and text[end] in NAME_REST:
                end += 1
            if text.startswith("[", end):
                closing = text.find("]", end)
                end = closing + 1 if closing > 0 else end
        name = text[self.at : end]
        self.at = end
        if not name:
            raise ShellSyntaxError(f"{text[self.at - 2 : self.at + 20].splitlines()[0]}: bad substitution")
        if length:
            self._close_brace()
            return Parameter(name, "length", None, None, quoted)
        operator = next(
            (
                each
                for each in (":-", ":=", ":?", ":+", "##", "%%", "//", "-", "=", "?", "+", "#", "%", "/", ":")
                if text.startswith(each, self.at)
            ),
            "",
        )
        self.at += len(operator)
        if not operator:
            self._close_brace()
            return Parameter(name, "", None, None, quoted)
        argument = self._until_brace(
            "/" if operator in ("/", "//") else "", quoted and operator in (":-", "-", ":+", "+", ":=", "=")
        )
        replacement: Word | None = None
        if operator in ("/", "//") and text.startswith("/", self.at):
            self.at += 1
            replacement = self._until_brace("", quoted)
        self._close_brace()
        return Parameter(name, operator, argument, replacement, quoted)

    def _close_brace(self) -> None:
        if not self.text.startswith("}", self.at):
            raise ShellSyntaxError("no closing quote" if self.at >= len(self.text) else "bad substitution")
        self.at += 1

    def _until_brace(self, stop: str, quoted: bool) -> Word:
        """The word inside `${name<op>word}`: blanks do not end it."""
        parts: list[Part] = []
        plain: list[str] = []
        text = self.text
        while self.at < len(text) and text[self.at] != "}" and (not stop or text[self.at] != stop):
            char = text[self.at]
            if char in "\"'\\$`" and plain:
                parts.append(Literal("".join(plain), quoted))
                plain = []
            if char == "'" and not quoted:
                end = text.find("'", self.at + 1)
                if end < 0:
                    raise ShellSyntaxError("no closing quote")
                parts.append(Literal(text[self.at + 1 : end], True))
                self.at = end + 1
            elif char == '"':
                self.at += 1
                self._double_quoted(parts, '"')
            elif char == "\\":
                parts.append(Literal(text[self.at + 1 : self.at + 2], True))
                self.at += 2
            elif char in "$`":
                self._dollar(parts, quoted)
            else:
                plain.append(char)
                self.at += 1
        if plain:
            parts.append(Literal("".join(plain), quoted))
        return tuple(parts)

    def _arithmetic_text(self, start: int) -> Word | None:
        """The expression between `((` and `))`; None when it is a subshell in a subshell after all."""
        depth = 0
        end = start
        while end < len(self.text):
            if self.text[end] == "(":
                depth += 1
            elif self.text[end] == ")":
                if depth == 0:
                    break
                depth -= 1
            end += 1
        if not self.text.startswith("))", end):
            return None
        inner = Parser(self.text[start:end])
        parts: list[Part] = []
        inner._double_quoted(parts, "")
        self.at = end + 2
        return tuple(parts)


@lru_cache(maxsize=512)
def short_script(text: str) -> tuple[tuple[Script, ...], str]:
    """The commands of a script up to its first syntax error, and that error's text ("" for none).

    For texts that are run again and again (the arguments of `eval`); what is long is parsed as it is run.
    """
    parser = Parser(text)
    commands: list[Script] = []
    try:
        while (command := parser.next_command()) is not None:
            commands.append(command)
    except ShellSyntaxError as fault:
        return tuple(commands), str(fault)
    return tuple(commands), ""


SHORT = 400  # characters; bounds what the cache can hold


def is_name(text: str) -> bool:
    return bool(text) and text[0] in NAME_START and all(char in NAME_REST for char in text)


def plain_text(word: Word) -> str:
    """The text of a word without expansions or quotes; "" for any other."""
    if len(word) == 1 and isinstance(word[0], Literal) and not word[0].quoted:
        return word[0].text
    return ""


ESCAPES = {
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "E": "\x1b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "\\": "\\",
}


def unescape(text: str, quotes: bool = False, echo: bool = False) -> tuple[str, bool]:
    r"""Backslash escapes of echo, printf's %b and `$'…'`. Returns the text and whether `\c` ended it (not echo's)."""
    if "\\" not in text:
        return text, False
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char != "\\" or at + 1 >= len(text):
            out.append(char)
            at += 1
            continue
        following = text[at + 1]
        at += 2
        if following in ESCAPES:
            out.append(ESCAPES[following])
        elif following == "c" and not quotes:
            if not echo:
                return "".join(out), True
        elif quotes and following in "\"'?":
            out.append(following)
        elif following in "01234567":
            digits = following
            limit = 4 if following == "0" and not quotes else 3
            while len(digits) < limit and text[at : at + 1] and text[at : at + 1] in "01234567":
                digits += text[at]
                at += 1
            out.append(chr(int(digits, 8) & 0xFF))
        elif following == "x":
            digits = ""
            while len(digits) < 2 and text[at : at + 1] and text[at : at + 1] in "0123456789abcdefABCDEF":
                digits += text[at]
                at += 1
            out.append(chr(int(digits, 16)) if digits else "\\x")
        else:
            out.append("\\" + following)
    return "".join(out), False
