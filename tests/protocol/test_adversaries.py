"""Hostile framing and values (JSONRPC cases, part C), through the three doors where a pipe can carry them."""

import json
import random

import pytest
from doors import cancel, request, said, talk_in_memory, talk_to_a_process
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.json_text import SAFE_INTEGER


def test_C_framing_many_messages_in_one_write(talk):
    lines = said(talk(b"".join(request("health", id=n) for n in range(200))))
    assert [line["id"] for line in lines] == list(range(200))


def test_C_framing_a_last_line_without_an_end(talk):
    [line] = said(talk(request("health").rstrip()))
    assert line["id"] == 1


def test_C_framing_half_a_message_and_the_end(talk):
    lines = said(talk(request("health") + request("health")[:20]))
    assert lines[0]["result"]["status"] == "ok"
    assert lines[1]["error"]["code"] == -32700


@pytest.mark.parametrize(
    "data",
    [
        b'{"jsonrpc":"2.0","id":1,"method":"health"} {"jsonrpc":"2.0","id":2,"method":"health"}\n',
        b'\x00{"jsonrpc":"2.0","id":1,"method":"health"}\n',
        '{"jsonrpc":"2.0","id":1,"method":"health"}\n'.encode("utf-16-le").replace(b"\n\x00", b"\n"),
        b'{"jsonrpc":"2.0","id":"\xff","method":"health"}\n',
        b'{"jsonrpc":"2.0","id":"\xc0\xaf","method":"health"}\n',
        b'{"jsonrpc":"2.0","id":"\xed\xa0\x80","method":"health"}\n',
        b'{"jsonrpc":"2.0","id":1,"method":"a\x01b"}\n',
    ],
    ids=["two-on-a-line", "nul", "utf-16", "invalid-utf-8", "overlong", "cesu", "control"],
)
def test_C_framing_what_is_not_one_json_text_in_utf8(talk, data):
    lines = said(talk(data + request("health", id=99)))
    assert lines[0]["id"] is None
    assert lines[0]["error"]["code"] == -32700
    assert lines[-1]["id"] == 99


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\x7f", "\u00e9", "e\u0301"])
def test_C_framing_other_line_ends_are_text(talk, character):
    [line] = said(
        talk(
            json.dumps(
                {"jsonrpc": "2.0", "id": 1, "method": "test.echo", "params": [character]}, ensure_ascii=False
            ).encode()
            + b"\n"
        )
    )
    assert line["result"] == character


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"9" * 4301, b"9" * 5000])
def test_C_values_that_json_does_not_have_or_nobody_can_hold(talk, value):
    lines = said(
        talk(b'{"jsonrpc":"2.0","id":1,"method":"test.echo","params":[%s]}\n' % value + request("health", id=2))
    )
    assert (lines[0]["id"], lines[0]["error"]["code"]) == (None, -32700)
    assert lines[1]["id"] == 2


@pytest.mark.parametrize("value", [b"-0", b"1e-999", b"0.0", b"-0.0"])
def test_C_values_small_numbers_live(talk, value):
    [line] = said(talk(b'{"jsonrpc":"2.0","id":1,"method":"test.echo","params":[%s]}\n' % value))
    assert line["result"] == 0


@pytest.mark.parametrize("value", [SAFE_INTEGER, -SAFE_INTEGER, 0, True])
def test_C_values_safe_numbers_stay_numbers(talk, value):
    [line] = said(talk(request("test.echo", [value])))
    assert line["result"] == value
    assert type(line["result"]) is type(value)


@pytest.mark.parametrize("value", [SAFE_INTEGER + 1, -SAFE_INTEGER - 1, 18446744073709551615, 10**4000])
def test_C_values_numbers_that_javascript_would_round_become_strings(talk, value):
    [line] = said(talk(request("test.echo", [{"a": [value]}])))
    assert line["result"] == {"a": [str(value)]}


@pytest.mark.parametrize("depth", [100, 900, 994, 995, 996, 100_000])
@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")], ids=["arrays", "objects", "both"]
)
def test_C_values_depth_is_answered_whatever_it_is(depth, opening, closing):
    text = opening * depth + "0" + closing * depth
    data = b'{"jsonrpc":"2.0","id":1,"method":"test.echo","params":[%s]}\n' % text.encode() + request("health", id=2)
    for talk in (talk_in_memory, talk_to_a_process):
        lines = {line["id"]: line for line in said(talk(data))}
        assert lines[2]["result"]["status"] == "ok"
        assert len(lines) == 2
        if depth == 100:
            assert "result" in lines[1]
        if depth == 100_000:
            assert lines[None]["error"]["code"] == -32700


def test_C_values_depth_that_never_closes(talk):
    lines = said(talk(b"[" * 2000 + b"\n" + b'[{"":' * 2000 + b"\n" + request("health", id=2)))
    assert [line.get("error", {}).get("code") for line in lines] == [-32700, -32700, None]


def test_C_values_lone_surrogates_go_out_as_replacement_characters(talk):
    [line] = said(
        talk(b'{"jsonrpc":"2.0","id":1,"method":"test.echo","params":[{"\\udc00k":"a\\ud800b\\ud83d\\ude00"}]}\n')
    )
    assert line["result"] == {"\ufffdk": "a\ufffdb\U0001f600"}


def test_C_values_lone_surrogates_in_an_id_or_a_method(talk):
    lines = said(
        talk(b'{"jsonrpc":"2.0","id":"\\ud800","method":"health"}\n{"jsonrpc":"2.0","id":2,"method":"\\ud800"}\n')
    )
    assert (lines[0]["id"], lines[0]["error"]["code"]) == (None, -32600)
    assert (lines[1]["id"], lines[1]["error"]["code"]) == (2, -32601)


def test_C_values_strange_keys(talk):
    value = {"": 1, "__class__": 2, "__proto__": 3, "constructor": 4, "\u00e9": 5, "e\u0301": 6}
    [line] = said(talk(request("test.echo", [value])))
    assert line["result"] == value


def test_C_values_very_many_keys():
    value = {str(n): n for n in range(300_000)}
    [line] = said(talk_in_memory(request("test.echo", [value])))
    assert line["result"] == value


def test_C_ids_of_different_types_are_different(talk):
    ids = [1, "1", 2, "2"]
    lines = said(talk(b"".join(request("test.wait", {"timeout_ms": 1300}, id) for id in ids)))
    assert sorted((line["id"] for line in lines), key=repr) == sorted(ids, key=repr)
    assert all(line["result"] == "waited" for line in lines)


def test_C_cancel_of_one_type_leaves_the_other_alone(talk):
    lines = said(
        talk(
            request("test.wait", {"timeout_ms": 1300}, 1)
            + request("test.wait", {"timeout_ms": 1300}, "1")
            + cancel("1")
            + cancel(1.0)
            + cancel(True)
        )
    )
    assert {(type(line["id"]), "error" in line) for line in lines} == {(int, False), (str, True)}


def test_C_cancel_a_running_request(talk):
    lines = said(talk(request("test.hang", id=1) + cancel(1) + cancel(1) + request("health", id=2)))
    assert {line["id"]: line.get("error", {}).get("code") for line in lines} == {1: -32800, 2: None}
    assert len(lines) == 2


def test_C_cancel_before_its_request_is_forgotten(talk):
    [line] = said(talk(cancel(1) + request("test.echo", ["x"], 1)))
    assert line["result"] == "x"


def test_C_cancel_while_queued_behind_another_in_the_same_lane(talk):
    lines = said(
        talk(
            request("test.wait", {"device_id": "d", "timeout_ms": 1300}, 1)
            + request("test.echo", ["free"], 3)
            + request("test.wait", {"device_id": "d"}, 2)
            + cancel(2)
        )
    )
    assert {line["id"]: line.get("result") for line in lines} == {1: "waited", 2: None, 3: "free"}


def test_C_cancel_inside_a_batch(talk):
    parts = [request("test.hang", id=1), cancel(1), request("health", id=2)]
    [batch] = said(talk(b"[" + b",".join(part.strip() for part in parts) + b"]\n"))
    assert {line["id"]: line.get("error", {}).get("code") for line in batch} == {1: -32800, 2: None}


def test_C_a_request_cancels_itself_in_vain(talk):
    [line] = said(talk(request("$/cancelRequest", {"id": 1}, 1)))
    assert line["id"] == 1


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_C_any_bytes_are_survived(data):
    lines = said(talk_in_memory(data + b"\n" + request("health", id="last")))
    assert lines[-1]["id"] == "last"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["jsonrpc", "id", "method", "params", "result", "error", "x"]), _VALUES, max_size=5)
)
@settings(max_examples=300, deadline=None)
def test_C_any_object_is_answered_at_most_once(members):
    lines = said(talk_in_memory(json.dumps(members).encode() + b"\n"))
    assert len(lines) <= 1
    for line in lines:
        assert line["jsonrpc"] == "2.0"


@given(
    st.lists(st.sampled_from(["health", "echo", "crash", "cancel", "unknown", "notify", "junk"]), max_size=20),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_C_every_request_of_any_mixture_is_answered_exactly_once(kinds, random: random.Random):
    data = b""
    expected = set()
    for number, kind in enumerate(kinds):
        if kind == "cancel":
            data += cancel(random.randrange(number + 1))
        elif kind == "notify":
            data += b'{"jsonrpc":"2.0","method":"test.echo"}\n'
        elif kind == "junk":
            data += b"{junk\n"
        else:
            data += request({"health": "health", "unknown": "no.such"}.get(kind, f"test.{kind}"), id=number)
            expected.add(number)
    answered = [line["id"] for line in said(talk_in_memory(data)) if line["id"] is not None]
    assert sorted(answered) == sorted(expected)
