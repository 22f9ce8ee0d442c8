"""Text of a shell script -> a tree, one complete command at a time.

The language is the one of Android's /system/bin/sh (mksh) as far as scripts sent over adb use it: lists, pipelines,
groups, subshells, if, for, while, until, case, functions, redirections, here-documents, quoting and expansions.
Rules: a command is parsed whole before any of it runs, and a later syntax error does not undo what ran before it
(so `next_command` returns one command and the caller runs it before asking again). No I/O, no state but the position.
Messages of syntax errors are those mksh R59 prints (measured), without the prefix.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from pyworker.virtual.android.mksh.cursor import BLANK, WORD_ENDS, Cursor, ShellSyntaxError, is_name
from pyworker.virtual.android.mksh.tree import (
    AndOr,
    ArithmeticCommand,
    Case,
    Command,
    Condition,
    For,
    Function,
    Group,
    If,
    Literal,
    Loop,
    Pipeline,
    Redirection,
    Script,
    Simple,
    Subshell,
    Word,
    plain_text,
)
from pyworker.virtual.android.mksh.word_grammar import double_quoted, read_arithmetic, read_word

REDIRECTIONS = ("<<<", "<<-", "<<", ">>", ">&", "<&", "<>", ">|", "&>", "<", ">")
REDIRECTION_STARTS = "<>&0123456789"
CONDITION_OPERATORS = ("&&", "||", "<", ">", "(", ")")
CLOSERS = ("then", "elif", "else", "fi", "do", "done", "esac", "}")
MAX_NESTING = 60  # far above any script; below the depth at which Python's own stack ends
SHORT = 400  # characters; bounds what the cache of `short_script` can hold


class HereDocument(NamedTuple):
    """One whose text is yet to come: it fills `redirections[place]`."""

    redirections: list[Redirection]
    place: int
    delimiter: str
    expands: bool
    strips_tabs: bool


class Parser:
    """Reads one script. `next_command()` until it returns None."""

    __slots__ = ("cursor", "pending")

    def __init__(self, text: str, at: int = 0, depth: int = 0) -> None:
        self.cursor = Cursor(text, _script_end, at, depth)
        self.pending: list[HereDocument] = []

    def next_command(self) -> Script | None:
        """The next list of commands up to its newline; None at the end. Raises ShellSyntaxError."""
        cursor = self.cursor
        self._skip_lines()
        if cursor.at_end():
            return None
        steps = self._line_of_steps(())
        cursor.skip_blanks()
        if cursor.at_text("\n"):
            self._newline()
        elif not cursor.at_end():
            raise cursor.unexpected()
        elif self.pending:
            raise _unclosed(self.pending[0].delimiter)
        return Script(tuple(steps))

    # -- lines

    def _skip_lines(self) -> None:
        self.cursor.skip_blanks()
        while self.cursor.at_text("\n"):
            self._newline()
            self.cursor.skip_blanks()

    def _newline(self) -> None:
        """Behind a newline stand the here-documents of the line it ends."""
        self.cursor.at += 1
        for waiting in self.pending:
            before = waiting.redirections[waiting.place]
            waiting.redirections[waiting.place] = before._replace(target=self._here_text(waiting))
        self.pending = []

    def _here_text(self, waiting: HereDocument) -> Word:
        cursor = self.cursor
        lines: list[str] = []
        while True:
            if cursor.at_end():
                raise _unclosed(waiting.delimiter)
            end = cursor.text.find("\n", cursor.at)
            line = cursor.text[cursor.at :] if end < 0 else cursor.text[cursor.at : end]
            cursor.at = len(cursor.text) if end < 0 else end + 1
            if waiting.strips_tabs:
                line = line.lstrip("\t")
            if line == waiting.delimiter:
                break
            lines.append(line + "\n")
        text = "".join(lines)
        return double_quoted(cursor.over(text), "") if waiting.expands else (Literal(text, True),)

    # -- lists and pipelines

    def _line_of_steps(self, closers: tuple[str, ...]) -> list[AndOr]:
        cursor = self.cursor
        steps: list[AndOr] = []
        while True:
            cursor.skip_blanks()
            if self._ends_list(closers):
                return steps
            step = self._and_or()
            cursor.skip_blanks()
            operator = cursor.operator()
            if operator == "&":
                step = step._replace(background=True)
            steps.append(step)
            if operator not in ("&", ";"):
                return steps
            cursor.at += 1

    def _ends_list(self, closers: tuple[str, ...]) -> bool:
        cursor = self.cursor
        return cursor.at_end_or("\n)") or cursor.at_text(";;") or (bool(closers) and cursor.reserved() in closers)

    def _body(self, closers: tuple[str, ...], opener: str) -> Script:
        """The list inside a compound command: many lines, up to one of the closers (not taken) or `)` or `;;`."""
        cursor = self.cursor
        cursor.depth += 1
        if cursor.depth > MAX_NESTING:
            raise ShellSyntaxError("syntax error: nested too deeply")
        steps: list[AndOr] = []
        while True:
            self._skip_lines()
            if cursor.at_end():
                raise _unmatched(opener)
            if self._ends_list(closers):
                break
            before = cursor.at
            steps.extend(self._line_of_steps(closers))
            cursor.skip_blanks()
            if cursor.at == before or not (cursor.at_text("\n") or self._ends_list(closers)):
                raise cursor.unexpected()
        cursor.depth -= 1
        return Script(tuple(steps))

    def _and_or(self) -> AndOr:
        cursor = self.cursor
        first = self._pipeline()
        rest: list[tuple[str, Pipeline]] = []
        while True:
            cursor.skip_blanks()
            operator = cursor.operator()
            if operator not in ("&&", "||"):
                return AndOr(first, tuple(rest), False)
            cursor.at += len(operator)
            self._skip_lines()
            rest.append((operator, self._pipeline()))

    def _pipeline(self) -> Pipeline:
        cursor = self.cursor
        negated = False
        cursor.skip_blanks()
        while cursor.reserved() == "!":
            negated = not negated
            cursor.at += 1
            cursor.skip_blanks()
        commands = [self._command()]
        while True:
            cursor.skip_blanks()
            operator = cursor.operator()
            if operator not in ("|", "|&"):
                return Pipeline(negated, tuple(commands))
            cursor.at += len(operator)
            self._skip_lines()
            commands.append(self._command())

    # -- compound commands

    def _command(self) -> Command:
        cursor = self.cursor
        cursor.skip_blanks()
        if cursor.at_text("(("):
            expression = read_arithmetic(cursor, "((")
            if expression is not None:
                return ArithmeticCommand(expression, self._redirections())
        if cursor.at_text("("):
            return self._subshell()
        word = cursor.reserved()
        if word in CLOSERS:
            raise cursor.unexpected()
        compound = COMPOUND.get(word)
        if compound is None:
            return self._simple()
        cursor.at += len(word)
        return compound(self)

    def _take(self, word: str, opener: str) -> None:
        self._skip_lines()
        if self.cursor.reserved() != word:
            raise _unmatched(opener) if self.cursor.at_end() else self.cursor.unexpected()
        self.cursor.at += len(word)

    def _subshell(self) -> Subshell:
        self.cursor.at += 1
        body = self._body((), "(")
        if not body.steps or not self.cursor.at_text(")"):
            raise self.cursor.unexpected()
        self.cursor.at += 1
        return Subshell(body, self._redirections())

    def _group(self) -> Group:
        body = self._body(("}",), "{")
        if not body.steps or self.cursor.reserved() != "}":
            raise self.cursor.unexpected()
        self.cursor.at += 1
        return Group(body, self._redirections())

    def _if(self) -> If:
        branches: list[tuple[Script, Script]] = []
        otherwise: Script | None = None
        while True:
            condition = self._body(("then", "elif", "else", "fi"), "if")
            self._take("then", "if")
            branches.append((condition, self._body(("elif", "else", "fi"), "if")))
            word = self.cursor.reserved()
            if word == "elif":
                self.cursor.at += len(word)
                continue
            if word == "else":
                self.cursor.at += len(word)
                otherwise = self._body(("fi",), "if")
            self._take("fi", "if")
            return If(tuple(branches), otherwise, self._redirections())

    def _while(self) -> Loop:
        return self._loop("while")

    def _until(self) -> Loop:
        return self._loop("until")

    def _loop(self, word: str) -> Loop:
        condition = self._body(("do", "done"), word)
        return Loop(word == "until", condition, self._loop_body(word), self._redirections())

    def _loop_body(self, opener: str) -> Script:
        self._take("do", opener)
        body = self._body(("done",), opener)
        self._take("done", opener)
        return body

    def _for(self) -> For:
        cursor = self.cursor
        cursor.skip_blanks()
        name = cursor.reserved()
        if not name:
            raise cursor.unexpected()
        if not is_name(name):
            raise ShellSyntaxError("for: bad identifier")
        cursor.at += len(name)
        self._skip_lines()
        words = self._for_words() if cursor.reserved() == "in" else None
        cursor.skip_blanks()
        cursor.take(";")
        return For(name, words, self._loop_body("for"), self._redirections())

    def _for_words(self) -> tuple[Word, ...]:
        cursor = self.cursor
        cursor.at += len("in")
        words: list[Word] = []
        while True:
            cursor.skip_blanks()
            if cursor.at_end_or("\n;"):
                return tuple(words)
            words.append(read_word(cursor))

    def _case(self) -> Case:
        cursor = self.cursor
        cursor.skip_blanks()
        subject = read_word(cursor)
        self._take("in", "case")
        branches: list[tuple[tuple[Word, ...], Script]] = []
        while True:
            self._skip_lines()
            if cursor.reserved() == "esac":
                cursor.at += len("esac")
                return Case(subject, tuple(branches), self._redirections())
            if cursor.at_end():
                raise _unmatched("case")
            patterns = self._case_patterns()
            branches.append((patterns, self._body(("esac",), "case")))
            if not cursor.take(";;") and cursor.reserved() != "esac":
                raise cursor.unexpected()

    def _case_patterns(self) -> tuple[Word, ...]:
        cursor = self.cursor
        cursor.take("(")
        patterns: list[Word] = []
        while True:
            cursor.skip_blanks()
            patterns.append(read_word(cursor))
            cursor.skip_blanks()
            if cursor.take(")"):
                return tuple(patterns)
            if not cursor.take("|"):
                raise cursor.unexpected()

    def _condition(self) -> Condition:
        cursor = self.cursor
        words: list[Word] = []
        while True:
            cursor.skip_blanks()
            if cursor.at_end_or("\n"):
                raise _unmatched("[[")
            if cursor.reserved() == "]]":
                cursor.at += len("]]")
                return Condition(tuple(words), self._redirections())
            operator = cursor.operator()
            if operator in CONDITION_OPERATORS:
                words.append((Literal(operator, False),))
                cursor.at += len(operator)
            else:
                words.append(read_word(cursor))

    def _function(self) -> Function:
        """`function name command`; the other way to write one is found in `_simple`."""
        self.cursor.skip_blanks()
        name = self.cursor.reserved()
        self.cursor.at += len(name)
        self._skip_lines()
        return Function(name, self._command())

    # -- simple commands

    def _simple(self) -> Command:
        cursor = self.cursor
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirections: list[Redirection] = []
        while True:
            cursor.skip_blanks()
            if self._redirection(redirections):
                continue
            if cursor.at_end_or("\n;&|()"):
                break
            name = "" if words else self._assigned_name()
            if name:
                assignments.append((name, read_word(cursor, may_be_empty=True)))
            else:
                words.append(read_word(cursor))
        if len(words) == 1 and not assignments and self._take_parentheses(plain_text(words[0])):
            self._skip_lines()
            return Function(plain_text(words[0]), self._command())
        if not words and not assignments and not redirections:
            raise cursor.unexpected()
        if cursor.at_text("("):
            if words:  # mksh takes it for a function and stumbles over what is not its `)`
                cursor.at += 1
                cursor.skip_blanks()
            raise cursor.unexpected()
        return Simple(tuple(assignments), tuple(words), redirections)

    def _assigned_name(self) -> str:
        """Takes `name=`; "" where no assignment stands."""
        cursor = self.cursor
        end = cursor.name_end()
        if end == cursor.at or not cursor.text.startswith("=", end):
            return ""
        name = cursor.text[cursor.at : end]
        cursor.at = end + 1
        return name

    def _take_parentheses(self, name: str) -> bool:
        """Takes the `()` that makes this the name of a function."""
        cursor = self.cursor
        if not cursor.at_text("("):
            return False
        end = cursor.at + 1
        while end < len(cursor.text) and cursor.text[end] in BLANK:
            end += 1
        if not is_name(name) or not cursor.text.startswith(")", end):
            return False
        cursor.at = end + 1
        return True

    # -- redirections

    def _redirections(self) -> list[Redirection]:
        found: list[Redirection] = []
        while True:
            self.cursor.skip_blanks()
            if not self._redirection(found):
                return found

    def _redirection(self, found: list[Redirection]) -> bool:
        """Takes the redirection here, if one is, and adds it to `found`."""
        cursor = self.cursor
        if not cursor.at_one_of(REDIRECTION_STARTS):
            return False
        end = cursor.at
        while end < len(cursor.text) and cursor.text[end].isdigit():
            end += 1
        number = cursor.text[cursor.at : end]
        operator = next((each for each in REDIRECTIONS if cursor.text.startswith(each, end)), "")
        if not operator or (operator == "&>" and number):
            return False
        cursor.at = end + len(operator)
        cursor.skip_blanks()
        if cursor.at_end_or(WORD_ENDS):
            raise cursor.unexpected()
        self._add_redirection(found, number, operator, read_word(cursor))
        return True

    def _add_redirection(self, found: list[Redirection], number: str, operator: str, target: Word) -> None:
        if operator == "&>":
            found.append(Redirection(1, ">", target))
            found.append(Redirection(2, ">&", (Literal("1", False),)))
            return
        descriptor = int(number) if number else 0 if operator[0] == "<" else 1
        if operator in ("<<", "<<-"):
            quoted = any(isinstance(part, Literal) and part.quoted for part in target)
            delimiter = "".join(part.text for part in target if isinstance(part, Literal))
            self.pending.append(HereDocument(found, len(found), delimiter, not quoted, operator == "<<-"))
            found.append(Redirection(descriptor, "<<", ()))
        else:
            found.append(Redirection(descriptor, ">" if operator == ">|" else operator, target))


COMPOUND: dict[str, Callable[[Parser], Command]] = {
    "{": Parser._group,
    "if": Parser._if,
    "while": Parser._while,
    "until": Parser._until,
    "for": Parser._for,
    "case": Parser._case,
    "[[": Parser._condition,
    "function": Parser._function,
}


def _script_end(text: str, start: int, depth: int) -> int:
    """See Cursor."""
    inside = Parser(text, start, depth)
    inside._body((), "(")
    if not inside.cursor.at_text(")"):
        raise inside.cursor.unexpected()
    return inside.cursor.at


def _unmatched(opener: str) -> ShellSyntaxError:
    return ShellSyntaxError(f"syntax error: unmatched '{opener}'")


def _unclosed(delimiter: str) -> ShellSyntaxError:
    return ShellSyntaxError(f"here document '{delimiter}' unclosed")


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
