"""What the specification leaves open and protocol/ decides (JSONRPC cases, part B), each through all three doors."""

import json

import pytest
from doors import notification, request, said


def test_B_unknown_members_are_ignored(talk):
    [line] = said(talk(b'{"jsonrpc":"2.0","id":1,"method":"health","meta":{"a":1},"__class__":2}\n'))
    assert line["result"]["status"] == "ok"


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (b'{"jsonrpc":"2.0","id":1,"id":1,"method":"health"}', 1),
        (b'{"jsonrpc":"2.0","id":1,"method":"health","method":"shutdown"}', 1),
        (b'{"jsonrpc":"2.0","id":1,"method":"test.echo","params":{"value":{"a":1,"a":2}}}', 1),
    ],
)
def test_B_a_member_named_twice_makes_the_request_invalid(talk, text, id):
    [line] = said(talk(text + b"\n"))
    assert (line["id"], line["error"]["code"]) == (id, -32600)


@pytest.mark.parametrize("id", ["1.5", "1.0", str(2**53), str(-(2**53)), "null", '"%s"' % ("x" * 129)])
def test_B_a_request_that_can_be_cancelled_needs_an_id_every_peer_can_name(talk, id):
    [line] = said(talk(b'{"jsonrpc":"2.0","id":%s,"method":"test.echo"}\n' % id.encode()))
    assert line["error"]["code"] == -32600
    assert line["id"] == json.loads(id)


@pytest.mark.parametrize("id", [2**53 - 1, -(2**53) + 1, "x" * 128])
def test_B_the_widest_ids_are_taken(talk, id):
    [line] = said(talk(request("test.echo", [1], id)))
    assert (line["id"], line["result"]) == (id, 1)


def test_B_a_batch_is_capped(talk):
    one = request("health").strip()
    lines = said(
        talk(
            b"["
            + b",".join(one.replace(b'"id": 1', b'"id": %d' % n) for n in range(64))
            + b"]\n"
            + b"["
            + b",".join([one] * 65)
            + b"]\n"
        )
    )
    assert len(lines[0]) == 64
    assert (lines[1]["id"], lines[1]["error"]["code"]) == (None, -32600)


def test_B_a_batch_in_a_batch_is_a_stranger(talk):
    [batch] = said(talk(b"[[" + request("health").strip() + b"]," + request("health", id=2).strip() + b"]\n"))
    assert {line["id"]: "error" in line for line in batch} == {None: True, 2: False}


def test_B_a_second_request_with_an_open_id_is_refused_and_the_first_undisturbed(talk):
    lines = said(talk(request("test.wait", {"timeout_ms": 1300}, 5) + request("health", id=5)))
    assert lines[0]["error"]["code"] == -32600
    assert lines[1]["result"] == "waited"


def test_B_an_id_may_be_used_again_after_its_answer(talk):
    lines = said(talk(request("health", id=5) * 3))
    assert [line["result"]["status"] for line in lines] == ["ok"] * 3


def test_B_carriage_returns_and_blank_lines_are_tolerated(talk):
    lines = said(talk(b"\r\n\n  \t\r\n" + request("health").strip() + b"\r\n\n"))
    assert len(lines) == 1
    assert lines[0]["result"]["status"] == "ok"


MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("start", [MARK, MARK + MARK, b" " + MARK, b"\n" + MARK])
def test_B_a_byte_order_mark_is_refused(talk, start):
    [line] = said(talk(start + request("health")))
    assert line["error"]["code"] == -32700


@pytest.mark.parametrize("line", [
    b"Content-Length: 40\r\n", b"content-type: application/vscode-jsonrpc\n", b"GET / HTTP/1.1\r\n", b"POST /rpc HTTP/1.0\n",
    b" " + MARK + b"{}\n", b"\n" + MARK + b"{}\n", "{}".encode("utf-16-le") + b"\n", "{}".encode("utf-16-be") + b"\n",
    "{}".encode("utf-16") + b"\n", b"\x1f\x8b\x08\0\n", b"\0\n", b"{\n", b"\xff\n", b"x" * 99 + b"\n",
    b"[]\n", b"3\n", b"[" + b"1," * 64 + b"1]\n", b'{"id":1}\n', b'{"jsonrpc":"2.0","id":1}\n',
    b'{"jsonrpc":"2.0","id":true,"method":"health"}\n', b'{"jsonrpc":"2.0","id":1,"id":1,"method":"health"}\n',
    b'{"jsonrpc":"2.0","id":1,"method":"health","params":null}\n', b'{"jsonrpc":"2.0","id":1,"method":"health","params":[1]}\n',
    b'{"jsonrpc":"2.0","id":1,"method":"nope"}\n', b'{"jsonrpc":"2.0","id":1.5,"method":"test.wait"}\n',
])
def test_B_every_refusal_says_what_to_do(talk, line):
    for refused in said(talk(line)):
        assert refused["error"]["data"]["hint"].endswith((".", "any."))


@pytest.mark.parametrize(("line", "word"), [
    (b"Content-Length: 40\r\n", "header"), (b"CONTENT-TYPE: x\n", "header"), (b"GET / HTTP/1.1\r\n", "HTTP"),
    ("{}".encode("utf-16-le") + b"\n", "UTF-16"), ("{}".encode("utf-16-be") + b"\n", "UTF-16"), (b"\xff\xfe{\0\n", "UTF-16"),
    (b"\x1f\x8b\x08\n", "compressed"), (b" \n" + MARK + b"{}\n", "byte order mark"),
])
def test_B_what_comes_instead_of_json_is_recognised(talk, line, word):
    assert word in said(talk(line))[0]["error"]["message"]


def test_B_methods_of_the_protocol_answer_when_they_come_as_requests(talk):
    [line] = said(talk(request("$/cancelRequest", {"id": 9}, 9)))
    assert line == {"jsonrpc": "2.0", "id": 9, "result": None}


@pytest.mark.parametrize(
    "params", [None, [], {}, {"id": None}, {"id": [1]}, {"id": 77}, {"id": "77"}, {"id": True}, [1]]
)
def test_B_a_cancel_of_nothing_is_nothing(talk, params):
    assert talk(notification("$/cancelRequest", params)) == b""
