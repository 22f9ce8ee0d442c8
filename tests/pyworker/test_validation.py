"""What a request is told about parameters that do not fit: the member by its path, and what it must be, in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import RpcError
from pyworker.methods import METHODS
from pyworker.validation import first_problem, named, schema

DEVICE = {"device_id": "x"}
REPORT = {"report_id": "r", "format": "pdf"}
# What only somebody who reads schemas would understand.
SCHEMA_WORDS = re.compile(r"\^|\\|\$|min(imum|Length|Items)|max(imum|Length|Items)|additional|propert|schema|pattern|instance")


def refusal(method, params):
    with pytest.raises(RpcError) as caught:
        named(method, params)
    assert caught.value.code == -32602
    assert caught.value.hint
    return caught.value.message


@pytest.mark.parametrize(("method", "params", "message"), [
    ("inspect.basic", {}, "device_id is missing"),
    ("inspect.basic", {"device_id": ""}, "device_id must not be empty"),
    ("inspect.basic", {"device_id": None}, "device_id must be a string, not null"),
    ("inspect.basic", {"device_id": ["x"]}, "device_id must be a string, not an array"),
    ("inspect.basic", {"device_id": "x" * 257}, "device_id must have at most 256 characters"),
    ("inspect.basic", {**DEVICE, "platform": "windows"}, "platform must be one of ios, android, macos"),
    ("inspect.basic", {**DEVICE, "hints": []}, "hints must be an object, not an array"),
    ("inspect.basic", {**DEVICE, "hints": {"way": 1}}, "hints.way is not known; hints takes connection"),
    ("inspect.basic", {**DEVICE, "timeout_ms": 1}, "timeout_ms must be at least 100"),
    ("inspect.basic", {**DEVICE, "timeout_ms": 10**9}, "timeout_ms must be at most 900000"),
    ("inspect.basic", {**DEVICE, "timeout_ms": 1.5}, "timeout_ms must be a whole number, not a number with a fraction"),
    ("inspect.basic", {**DEVICE, "timeout_ms": True}, "timeout_ms must be a whole number, not true"),
    ("inspect.basic", {**DEVICE, "progress_token": {}}, "progress_token must be a string or a whole number, not an object"),
    ("logs.collect", {**DEVICE, "since": "yesterday"},
     "since must be a date and time with its offset, like 2026-11-25T10:04:00+01:00"),
    ("report.format", {**REPORT, "report_id": "../x"},
     "report_id must be letters, digits, '_', '-' and '.', not starting with '-' or '.'"),
    ("report.format", {**REPORT, "options": {"device_name": 1}}, "options.device_name must be true or false, not a number"),
    ("report.format", {**REPORT, "content": {}}, "content.device is missing"),
])
def test_it_names_the_member_and_what_it_must_be(method, params, message):
    assert refusal(method, params) == message


def test_a_secret_that_does_not_fit_is_not_said_again():
    message = refusal("report.format", {**REPORT, "options": {"pseudonym_key": "hunter2"}})
    assert message == "options.pseudonym_key must be 32 to 128 hexadecimal digits"


def test_every_pattern_of_a_parameter_is_said_in_words():
    def patterns(rules):
        if isinstance(rules, dict):
            if isinstance(rules.get("pattern"), str):
                yield rules
            for each in rules.values():
                yield from patterns(each)
        elif isinstance(rules, list):
            for each in rules:
                yield from patterns(each)

    asked = [f"{name}.params" for name in METHODS] + ["report.content"]
    found = [rules for name in asked for rules in patterns(schema(name))]
    assert len(found) >= 6
    assert [rules for rules in found if "x-words" not in rules] == []


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=300),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=5,
)


@given(method=st.sampled_from([name for name in METHODS if schema(f"{name}.params")["properties"]]), data=st.data())
def test_no_word_of_the_schema_language_comes_out(method, data):
    name = data.draw(st.sampled_from(list(schema(f"{method}.params")["properties"])))
    problem = first_problem(f"{method}.params", {**DEVICE, **REPORT, name: data.draw(ANY)})
    if " is not known" not in problem:
        assert SCHEMA_WORDS.search(problem) is None


@pytest.mark.parametrize("name", ["limit", "duration_ms"])
def test_a_whole_number_with_a_point_is_a_whole_number(name):
    given_back = named("logs.collect", {**DEVICE, name: 200.0})[name]
    assert (type(given_back), given_back) == (int, 200)
