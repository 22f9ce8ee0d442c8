"""What the parent sends: lines, messages, JSON texts. Nothing is raised but what protocol.json_text names."""

from __future__ import annotations

import json

from protocol.connection import Connection, Outgoing, Owed
from protocol.json_text import DuplicateKey, NotJson, dumps, loads
from protocol.lines import Lines
from protocol.messages import decode
from tests.fuzz.target import Target

_LINES = [
    b'{"jsonrpc":"2.0","id":1,"method":"health"}\n',
    b'[{"jsonrpc":"2.0","id":"a","method":"x","params":[1,2.5,null,"\\ud83d\\ude00"]},5]',
    b'{"jsonrpc":"2.0","id":7,"method":"a"}\n{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":7}}\n',
    b'{"jsonrpc":"2.0","id":-12345678901234567890,"method":"\xc3\xa9"}',
    b'{"jsonrpc":"2.0","id":null,"result":{}}\r\n\r\n \n',
]


MOST_LINES = 500


def lines(data: bytes) -> object:
    """Lines, messages and the ledger: nothing is raised, and whatever goes out is whole lines of JSON."""
    reader, connection = Lines(limit=4096), Connection()
    out: list[bytes] = []
    # What is held against the clock is a message, not how many there are.
    data = b"\n".join(data.split(b"\n", MOST_LINES)[:MOST_LINES])
    half = len(data) // 2
    for each in (*reader.feed(data[:half]), *reader.feed(data[half:]), *reader.end()):
        message = decode(each)
        for event in connection.receive(message) if message is not None else ():
            if isinstance(event, Owed):
                out.append(connection.answer(event, dumps({"method": event.method, "params": event.params})))
            elif isinstance(event, Outgoing):
                out.append(event.data)
    said = b"".join(out)
    assert not said or said.endswith(b"\n")
    for answer in said.splitlines():
        json.loads(answer)
    return said


_JSON_TEXTS = [
    b'{"a":[1,-2.5e3,true,false,null,"x\\u00e9\\n\\ud83d\\ude00"],"b":{"c":{}}}',
    b'[9007199254740993,1e308,"\\ud800",""]',
    b"[" * 60 + b"]" * 60,
]


def json_texts(data: bytes) -> object:
    """What can be read can be written, on one line, and reads as the same again."""
    try:
        value = loads(data)
    except (NotJson, DuplicateKey):
        return None
    try:
        text = dumps(value)
    except RecursionError:
        return None
    assert text.isascii() and "\n" not in text
    assert dumps(loads(text.encode())) == text
    # What Python's own reader refuses, ours must have refused too.
    json.loads(data.decode("utf-8"))
    return text


TARGETS = {"lines": Target(_LINES, lines), "json_texts": Target(_JSON_TEXTS, json_texts)}
