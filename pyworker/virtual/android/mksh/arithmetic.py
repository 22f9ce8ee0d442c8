"""Integer arithmetic of `$((…))`, `((…))` and `let`: C operators on signed 32-bit numbers, as mksh has them."""

from __future__ import annotations

import re
from collections.abc import Callable

TOKEN = re.compile(
    r"\s*(0[xX][0-9a-fA-F]+|\d+(?:#[0-9a-zA-Z]+)?|[A-Za-z_]\w*|<<=|>>=|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]="
    r"|[-+*/%<>=!~&|^?:(),])"
)
MAX_DEPTH = 20  # a variable may hold an expression that names a variable, and so on
BINARY = (
    ("||",),
    ("&&",),
    ("|",),
    ("^",),
    ("&",),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
)


class ArithmeticFault(Exception):
    """What mksh prints after the expression."""


def wrapped(number: int) -> int:
    return (number + 0x80000000) % 0x100000000 - 0x80000000


class Evaluation:
    """One expression: variables are read through `get` and written through `put`."""

    __slots__ = ("text", "tokens", "at", "get", "put", "depth")

    def __init__(self, text: str, get: Callable[[str], str], put: Callable[[str, str], None], depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise ArithmeticFault(f"{text}: expression recurses on parameter")
        self.depth = depth
        self.text = text.strip()
        self.tokens: list[str] = []
        self.at = 0
        self.get = get
        self.put = put
        position = 0
        while position < len(self.text):
            found = TOKEN.match(self.text, position)
            if not found:
                raise ArithmeticFault(f"{self.text}: unexpected '{self.text[position : position + 1]}'")
            self.tokens.append(found[1])
            position = found.end()

    def value(self) -> int:
        if not self.tokens:
            return 0
        result = self._comma()
        if self.at < len(self.tokens):
            raise ArithmeticFault(f"{self.text}: unexpected '{self.tokens[self.at]}'")
        return result

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _comma(self) -> int:
        result = self._assignment()
        while self._peek() == ",":
            self.at += 1
            result = self._assignment()
        return result

    def _assignment(self) -> int:
        name = self._peek()
        operator = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else ""
        if re.match(r"[A-Za-z_]", name) and re.fullmatch(r"(<<|>>|[-+*/%&|^])?=", operator):
            self.at += 2
            right = self._assignment()
            result = right if operator == "=" else self._apply(operator[:-1], self._read(name), right)
            self.put(name, str(result))
            return result
        return self._ternary()

    def _ternary(self) -> int:
        condition = self._binary(0)
        if self._peek() != "?":
            return condition
        self.at += 1
        yes = self._assignment()
        if self._peek() != ":":
            raise ArithmeticFault(f"{self.text}: missing :")
        self.at += 1
        no = self._assignment()
        return yes if condition else no

    def _binary(self, level: int) -> int:
        if level == len(BINARY):
            return self._unary()
        left = self._binary(level + 1)
        while self._peek() in BINARY[level]:
            operator = self._peek()
            self.at += 1
            left = self._apply(operator, left, self._binary(level + 1))
        return left

    def _apply(self, operator: str, left: int, right: int) -> int:
        if operator in ("/", "%"):
            if right == 0:
                raise ArithmeticFault(f"{self.text}: zero divisor")
            quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
            return wrapped(quotient if operator == "/" else left - quotient * right)
        table: dict[str, Callable[[int, int], int]] = {
            "+": lambda a, b: a + b,
            "-": lambda a, b: a - b,
            "*": lambda a, b: a * b,
            "&": lambda a, b: a & b,
            "|": lambda a, b: a | b,
            "^": lambda a, b: a ^ b,
            "<<": lambda a, b: a << (b & 31),
            ">>": lambda a, b: a >> (b & 31),
            "==": lambda a, b: int(a == b),
            "!=": lambda a, b: int(a != b),
            "<": lambda a, b: int(a < b),
            ">": lambda a, b: int(a > b),
            "<=": lambda a, b: int(a <= b),
            ">=": lambda a, b: int(a >= b),
            "&&": lambda a, b: int(bool(a and b)),
            "||": lambda a, b: int(bool(a or b)),
        }
        return wrapped(table[operator](left, right))

    def _unary(self) -> int:
        token = self._peek()
        self.at += 1
        if token in ("+", "-", "!", "~"):
            inner = self._unary()
            return wrapped({"+": inner, "-": -inner, "!": int(not inner), "~": ~inner}[token])
        if token in ("++", "--"):
            name = self._peek()
            self.at += 1
            result = wrapped(self._read(name) + (1 if token == "++" else -1))
            self.put(name, str(result))
            return result
        if token == "(":
            result = self._comma()
            if self._peek() != ")":
                raise ArithmeticFault(f"{self.text}: missing )")
            self.at += 1
            return result
        if token[:1].isdigit():
            return self._number(token)
        if re.match(r"[A-Za-z_]", token):
            result = self._read(token)
            if self._peek() in ("++", "--"):
                self.put(token, str(wrapped(result + (1 if self._peek() == "++" else -1))))
                self.at += 1
            return result
        raise ArithmeticFault(
            f"{self.text}: unexpected '{token}'" if token else f"{self.text}: unexpected end of expression"
        )

    def _number(self, token: str) -> int:
        try:
            if "#" in token:
                base, digits = token.split("#")
                return wrapped(int(digits, int(base)))
            return wrapped(int(token, 16) if token[:2] in ("0x", "0X") else int(token, 10))
        except ValueError:
            raise ArithmeticFault(f"{self.text}: bad number '{token}'") from None

    def _read(self, name: str) -> int:
        text = self.get(name).strip()
        if not text:
            return 0
        sign = -1 if text.startswith("-") else 1
        digits = text.lstrip("+-")
        if digits[:1].isdigit():
            return wrapped(sign * self._number(digits))
        return Evaluation(text, self.get, self.put, self.depth + 1).value()
