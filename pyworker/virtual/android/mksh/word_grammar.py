"""Text -> a word: quotes, and what `$` and a backquote begin. Each function reads on from the cursor and moves it."""

from __future__ import annotations

from pyworker.virtual.android.mksh.cursor import NAME_REST, UNQUOTED, WORD_ENDS, Cursor, ShellSyntaxError
from pyworker.virtual.android.mksh.escapes import unescape
from pyworker.virtual.android.mksh.tree import Arithmetic, Literal, Parameter, Part, Substitution, Word

SPECIAL_PARAMETERS = "?$!#@*-"
# In `${name<operator>word}`; where one begins another, the longer one stands first.
EXPANSION_OPERATORS = (":-", ":=", ":?", ":+", "##", "%%", "//", "-", "=", "?", "+", "#", "%", "/", ":")
# Of these the word is used as a text, so quotes around the whole reach into it; of the others it is a pattern.
TEXT_OPERATORS = (":-", "-", ":+", "+", ":=", "=")


class _Parts:
    """The parts of a word as they are read; text that stands together becomes one Literal."""

    __slots__ = ("found", "plain", "quoted")

    def __init__(self, quoted: bool) -> None:
        self.found: list[Part] = []
        self.plain: list[str] = []
        self.quoted = quoted

    def add_text(self, text: str) -> None:
        self.plain.append(text)

    def add(self, *parts: Part) -> None:
        self._close_text()
        self.found.extend(parts)

    def word(self) -> Word:
        self._close_text()
        return tuple(self.found)

    def _close_text(self) -> None:
        if self.plain:
            self.found.append(Literal("".join(self.plain), self.quoted))
            self.plain = []


def read_word(cursor: Cursor, may_be_empty: bool = False) -> Word:
    """The word here. Raises ShellSyntaxError, also where none is unless it may be empty."""
    parts = _Parts(quoted=False)
    start = cursor.at
    while not cursor.at_end_or(WORD_ENDS):
        if cursor.take("\\\n"):
            continue
        if cursor.take("\\"):
            parts.add(Literal(cursor.text[cursor.at : cursor.at + 1] or "\\", True))
            cursor.at += 1
        elif cursor.at_text("'"):
            parts.add(Literal(_single_quoted(cursor), True))
        elif cursor.take('"'):
            parts.add(*(double_quoted(cursor, '"') or (Literal("", True),)))
        elif cursor.at_text("$'"):
            parts.add(Literal(_ansi_quoted(cursor), True))
        elif cursor.at_one_of("$`"):
            parts.add(_expansion(cursor, quoted=False))
        else:
            parts.add_text(_unquoted(cursor))
    if cursor.at == start and not may_be_empty:
        raise cursor.unexpected()
    return parts.word()


def _unquoted(cursor: Cursor) -> str:
    found = UNQUOTED.match(cursor.text, cursor.at)
    text = found[0] if found else cursor.text[cursor.at]
    cursor.at += len(text)
    return text


def _single_quoted(cursor: Cursor) -> str:
    end = cursor.text.find("'", cursor.at + 1)
    if end < 0:
        raise ShellSyntaxError("no closing quote")
    inner = cursor.text[cursor.at + 1 : end]
    cursor.at = end + 1
    return inner


def _ansi_quoted(cursor: Cursor) -> str:
    end = cursor.at + 2
    while end < len(cursor.text) and cursor.text[end] != "'":
        end += 2 if cursor.text[end] == "\\" else 1
    if end >= len(cursor.text):
        raise ShellSyntaxError("no closing quote")
    inner = cursor.text[cursor.at + 2 : end]
    cursor.at = end + 1
    return unescape(inner, quotes=True)[0]


def double_quoted(cursor: Cursor, closer: str) -> Word:
    """Up to the closing quote, which is taken; with closer "" up to the end of the text (a here-document)."""
    parts = _Parts(quoted=True)
    while not (closer and cursor.take(closer)):
        if cursor.at_end():
            if closer:
                raise ShellSyntaxError("no closing quote")
            break
        char, following = cursor.text[cursor.at], cursor.text[cursor.at + 1 : cursor.at + 2]
        if char in "$`":
            parts.add(_expansion(cursor, quoted=True))
        elif char == "\\" and following:
            if following != "\n":
                parts.add_text(following if following in "$`\\" + closer else char + following)
            cursor.at += 2
        else:
            parts.add_text(char)
            cursor.at += 1
    return parts.word()


# -- what `$` and a backquote begin


def _expansion(cursor: Cursor, quoted: bool) -> Part:
    if cursor.at_text("`"):
        return Substitution(_backquoted(cursor, quoted), quoted)
    if cursor.at_text("$(("):
        expression = read_arithmetic(cursor, "$((")
        if expression is not None:
            return Arithmetic(expression, quoted)
    if cursor.take("$("):
        end = cursor.script_end(cursor.text, cursor.at, cursor.depth)
        script = cursor.text[cursor.at : end]
        cursor.at = end + 1
        return Substitution(script, quoted)
    if cursor.take("${"):
        return _braced(cursor, quoted)
    cursor.at += 1
    end = cursor.name_end()
    if end == cursor.at and cursor.at_one_of(SPECIAL_PARAMETERS + "0123456789"):
        end += 1
    name = cursor.text[cursor.at : end]
    cursor.at = end
    return Parameter(name, "", None, None, quoted) if name else Literal("$", quoted)


def _backquoted(cursor: Cursor, quoted: bool) -> str:
    """The script between backquotes, without the backslashes that guard it against them."""
    text = cursor.text
    guarded = ("`", "\\", "$", '"') if quoted else ("`", "\\", "$")
    inner: list[str] = []
    end = cursor.at + 1
    while end < len(text) and text[end] != "`":
        if text[end] == "\\" and text[end + 1 : end + 2] in guarded:
            end += 1
        inner.append(text[end])
        end += 1
    if end >= len(text):
        raise ShellSyntaxError("no closing quote")
    cursor.at = end + 1
    return "".join(inner)


def read_arithmetic(cursor: Cursor, opener: str) -> Word | None:
    """The expression between `((` and `))`; None, and nothing read, when it is a subshell in a subshell after all."""
    start = end = cursor.at + len(opener)
    depth = 0
    while end < len(cursor.text):
        if cursor.text[end] == "(":
            depth += 1
        elif cursor.text[end] == ")":
            if depth == 0:
                break
            depth -= 1
        end += 1
    if not cursor.text.startswith("))", end):
        return None
    expression = double_quoted(cursor.over(cursor.text[start:end]), "")
    cursor.at = end + 2
    return expression


def _braced(cursor: Cursor, quoted: bool) -> Parameter:
    """`${…}`, from behind its opening brace on."""
    is_length = cursor.at_text("#") and not cursor.at_text("#}")
    if is_length:
        cursor.at += 1
    name = _braced_name(cursor)
    if is_length:
        _close_brace(cursor)
        return Parameter(name, "length", None, None, quoted)
    operator = next((each for each in EXPANSION_OPERATORS if cursor.take(each)), "")
    argument = replacement = None
    if operator in ("/", "//"):
        argument = _until(cursor, "}/", quoted=False)
        if cursor.take("/"):
            replacement = _until(cursor, "}", quoted)
    elif operator:
        argument = _until(cursor, "}", quoted and operator in TEXT_OPERATORS)
    _close_brace(cursor)
    return Parameter(name, operator, argument, replacement, quoted)


def _braced_name(cursor: Cursor) -> str:
    text, start = cursor.text, cursor.at
    if cursor.at_one_of(SPECIAL_PARAMETERS):
        cursor.at += 1
    else:
        while cursor.at_one_of(NAME_REST):
            cursor.at += 1
        closing = text.find("]", cursor.at) if cursor.at_text("[") else -1
        if closing > 0:
            cursor.at = closing + 1
    if cursor.at == start:
        raise ShellSyntaxError(f"{text[start - 2 : start + 20].splitlines()[0]}: bad substitution")
    return text[start : cursor.at]


def _close_brace(cursor: Cursor) -> None:
    if not cursor.take("}"):
        raise ShellSyntaxError("no closing quote" if cursor.at_end() else "bad substitution")


def _until(cursor: Cursor, ends: str, quoted: bool) -> Word:
    """A word inside `${…}`: blanks do not end it."""
    parts = _Parts(quoted)
    while not cursor.at_end_or(ends):
        if cursor.at_text("'") and not quoted:
            parts.add(Literal(_single_quoted(cursor), True))
        elif cursor.take('"'):
            parts.add(*double_quoted(cursor, '"'))
        elif cursor.take("\\"):
            parts.add(Literal(cursor.text[cursor.at : cursor.at + 1], True))
            cursor.at += 1
        elif cursor.at_one_of("$`"):
            parts.add(_expansion(cursor, quoted))
        else:
            parts.add_text(cursor.text[cursor.at])
            cursor.at += 1
    return parts.word()
