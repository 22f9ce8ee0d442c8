"""What the parent has reported on: content that passes its schema becomes a page, or is refused with a word."""

from __future__ import annotations

import json
from pathlib import Path
from time import monotonic

from protocol.errors import RpcError
from protocol.json_text import DuplicateKey, NotJson, loads
from pyworker.call import Call
from pyworker.settings import Settings
from tests.fuzz.target import Target

_REFERENCES = Path(__file__).parents[1] / "reports"
_SMALL = {
    "device": {"device_id": "d", "platform": "ios", "serial": "XVRT17CLN1"},
    "notes": "n",
    "results": {
        "inspect.basic": {
            "ok": True,
            "warnings": [],
            "data": {
                "activation_locked": None,
                "findings": {"activation_locked": {"value": None, "reason": "not_paired", "evidence": []}},
            },
        }
    },
}
_CONTENTS = [
    json.dumps(_SMALL).encode(),
    *(
        json.dumps(json.loads(path.read_text("utf-8"))["content"]).encode()
        for path in sorted(_REFERENCES.glob("*.json"))
        if path.stat().st_size < 16_000
    ),
]


def _asked(data: bytes) -> dict[str, object] | None:
    from pyworker.validation import first_problem

    try:
        params = {"report_id": "r", "format": "html", "content": loads(data)}
    except (NotJson, DuplicateKey):
        return None
    return None if first_problem("report.format.params", params) else params


def report_schema(data: bytes) -> object:
    return _asked(data)


def report_content(data: bytes) -> object:
    from pyworker.report import format_report

    params = _asked(data)
    if params is None:
        return None
    try:
        return format_report(Call(params, Settings(), monotonic() + 60))["ok"]
    except RpcError as refused:
        return refused.kind


TARGETS = {
    "report_schema": Target(_CONTENTS, report_schema, is_heavy=True),
    "report_content": Target(_CONTENTS, report_content, is_heavy=True),
}
