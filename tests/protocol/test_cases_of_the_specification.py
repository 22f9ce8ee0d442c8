"""JSON-RPC 2.0's own cases, C1 to C21, each through all three doors."""

import pytest
from doors import notification, request, said


def by_id(lines):
    return {line["id"]: line for line in lines}


def codes(lines):
    return [line["error"]["code"] for line in lines]


def test_C01_positional_parameters_in_two_orders(talk):
    lines = by_id(said(talk(request("test.subtract", [42, 23], 1) + request("test.subtract", [23, 42], 2))))
    assert (lines[1]["result"], lines[2]["result"]) == (19, -19)


def test_C02_named_parameters_in_either_order(talk):
    lines = said(
        talk(
            request("test.subtract", {"minuend": 42, "subtrahend": 23}, 1)
            + request("test.subtract", {"subtrahend": 23, "minuend": 42}, 2)
        )
    )
    assert [line["result"] for line in lines] == [19, 19]


def test_C03_absent_parameters_are_none(talk):
    assert said(talk(request("health")))[0]["result"]["status"] == "ok"


@pytest.mark.parametrize(
    "message",
    [
        notification("test.subtract", [42, 23]),
        notification("health"),
        notification("no.such.method"),
        notification("test.subtract", ["x"]),
        notification("test.crash"),
    ],
    ids=["params", "plain", "unknown", "bad-params", "raising"],
)
def test_C04_a_notification_gets_no_bytes_at_all(talk, message):
    assert talk(message) == b""


def test_C05_an_id_of_null_makes_a_request(talk):
    [line] = said(talk(b'{"jsonrpc":"2.0","id":null,"method":"health"}\n'))
    assert line["id"] is None
    assert line["result"]["status"] == "ok"


@pytest.mark.parametrize(
    "id",
    ['""', '"0"', "0", "-1", "1.5", "1.0", str(10**30), '"%s"' % ("x" * 3000), '"żółć 😀"'],
    ids=["empty", "zero-text", "zero", "minus", "fraction", "one-point-nought", "big", "long", "unicode"],
)
def test_C06_the_id_comes_back_with_its_value_and_type(talk, id):
    import json

    [line] = said(talk(b'{"jsonrpc":"2.0","id":%s,"method":"health"}\n' % id.encode()))
    assert "result" in line
    assert line["id"] == json.loads(id)
    assert type(line["id"]) is type(json.loads(id))


def test_C07_an_unknown_method(talk):
    [line] = said(talk(request("no.such.method", id=7)))
    assert (line["id"], line["error"]["code"]) == (7, -32601)


@pytest.mark.parametrize(
    "text", [b"x", b'{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]', b'{"a":}', b"nul", b"'a'"]
)
def test_C08_a_text_that_is_not_json(talk, text):
    [line] = said(talk(text + b"\n"))
    assert (line["id"], line["error"]["code"]) == (None, -32700)


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (b'{"jsonrpc":"2.0","id":1,"method":1}', 1),
        (b'{"jsonrpc":"2.0","id":"a","method":"health","params":"bar"}', "a"),
        (b'{"jsonrpc":"2.0","id":2,"method":"health","params":1}', 2),
        (b'{"jsonrpc":"2.0","id":2,"method":"health","params":true}', 2),
        (b'{"jsonrpc":"2.0","id":2,"method":"health","params":null}', 2),
        (b'{"id":3,"method":"health"}', 3),
        (b'{"jsonrpc":"1.0","id":4,"method":"health"}', 4),
        (b'{"jsonrpc":2.0,"id":5,"method":"health"}', 5),
        (b'{"jsonrpc":2,"id":5,"method":"health"}', 5),
        (b'{"jsonrpc":"2.0","id":6}', 6),
        (b"5", None),
        (b'"health"', None),
        (b"true", None),
        (b"null", None),
    ],
)
def test_C09_an_invalid_request_is_answered_with_its_id_where_that_can_be_read(talk, text, id):
    [line] = said(talk(text + b"\n"))
    assert (line["id"], line["error"]["code"]) == (id, -32600)


@pytest.mark.parametrize(
    "params",
    [
        [1],
        [1, 2, 3, 4, 5, 6],
        {"minuend": 1},
        {"minuend": 1, "subtrahend": 2, "third": 3},
        {"minuend": "1", "subtrahend": 2},
    ],
)
def test_C10_parameters_that_do_not_fit(talk, params):
    [line] = said(talk(request("test.subtract", params)))
    assert line["error"]["code"] == -32602


def test_C10_the_message_names_the_member_and_what_it_should_be(talk):
    [line] = said(talk(request("test.subtract", {"minuend": "1", "subtrahend": 2})))
    assert line["error"]["message"] == "minuend must be a number, not a string"


@pytest.mark.parametrize("method", ["test.crash", "test.leave", "test.unsayable", "test.deep"])
def test_C11_a_crashed_handler_is_answered_and_the_connection_lives(talk, method):
    lines = by_id(said(talk(request(method, id=1) + request("health", id=2))))
    assert lines[1]["error"]["code"] == -32603
    assert "nobody may read" not in str(lines[1])
    assert lines[2]["result"]["status"] == "ok"


@pytest.mark.parametrize("id", [b"true", b"false", b"[1]", b"{}"])
def test_C12_an_id_that_is_no_id(talk, id):
    [line] = said(talk(b'{"jsonrpc":"2.0","id":%s,"method":"health"}\n' % id))
    assert (line["id"], line["error"]["code"]) == (None, -32600)


def test_C13_an_empty_batch(talk):
    [line] = said(talk(b"[]\n"))
    assert (line["id"], line["error"]["code"]) == (None, -32600)


@pytest.mark.parametrize("count", [1, 3], ids=["C14", "C15"])
def test_C14_C15_a_batch_of_strangers_is_answered_by_an_array(talk, count):
    [batch] = said(talk(b"[" + b",".join([b"1"] * count) + b"]\n"))
    assert codes(batch) == [-32600] * count


def test_C16_a_batch_that_is_not_json_is_answered_by_one_object(talk):
    [line] = said(
        talk(b'[{"jsonrpc": "2.0", "method": "sum", "params": [1,2,4], "id": "1"},{"jsonrpc": "2.0", "method"\n')
    )
    assert (line["id"], line["error"]["code"]) == (None, -32700)


def test_C17_a_mixed_batch(talk):
    parts = [
        request("test.subtract", [42, 23], "1"),
        notification("test.echo", [7]),
        request("test.echo", ["hi"], "2"),
        b'{"foo":"boo"}',
        request("no.such", {"name": "myself"}, "5"),
        request("health", id="9"),
    ]
    [batch] = said(talk(b"[" + b",".join(part.strip() for part in parts) + b"]\n"))
    answers = by_id(batch)
    assert len(batch) == 5
    assert answers["1"]["result"] == 19
    assert answers["2"]["result"] == "hi"
    assert answers["9"]["result"]["status"] == "ok"
    assert answers[None]["error"]["code"] == -32600
    assert answers["5"]["error"]["code"] == -32601


def test_C18_a_batch_of_notifications_gets_nothing(talk):
    assert talk(b"[" + notification("test.echo", [1]).strip() + b"," + notification("health").strip() + b"]\n") == b""


def test_C19_an_answer_has_a_result_or_an_error_and_never_both(talk):
    lines = said(
        talk(
            request("test.echo", {"value": None}, 1)
            + request("test.crash", id=2)
            + request("x", id=3)
            + b"no json\n"
            + request("health", id=4)
        )
    )
    assert len(lines) == 5
    for line in lines:
        assert line["jsonrpc"] == "2.0"
        assert ("result" in line) != ("error" in line)
        if "error" in line:
            assert type(line["error"]["code"]) is int
            assert isinstance(line["error"]["message"], str)
            assert set(line["error"]["data"]) == {"kind", "hint", "retryable"}
    assert by_id(lines)[1] == {"jsonrpc": "2.0", "id": 1, "result": None}


@pytest.mark.parametrize(
    "text",
    [b'{"jsonrpc":"2.0","id":1,"result":3}', b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"x"}}'],
)
def test_C20_a_response_is_never_answered(talk, text):
    assert talk(text + b"\n") == b""


def test_C21_reserved_names(talk):
    lines = by_id(said(talk(request("rpc.discover", id=1) + request("rpc.no", id=2))))
    assert lines[1]["result"]["openrpc"].startswith("1.")
    assert lines[2]["error"]["code"] == -32601
