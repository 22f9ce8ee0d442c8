"""Asking for reports without a wire: a call with the parameters a request would carry, and what comes out."""

import json
from base64 import b64decode
from pathlib import Path
from time import monotonic

from pyworker.call import Call
from pyworker.report import format_report
from pyworker.settings import Settings
from pyworker.validation import first_problem

REFERENCES = Path(__file__).parent / "reports"
PATIENCE_S = 60.0


def ask(settings=None, report_id="rep_1", format="html", seconds=PATIENCE_S, **params):
    """The envelope, held against its schema. Parameters that a worker would refuse never reach the handler here either."""
    params = {"report_id": report_id, "format": format, **params}
    problem = first_problem("report.format.params", params)
    assert not problem, problem
    made = format_report(Call(params, settings or Settings(), monotonic() + seconds))
    assert first_problem("report.format.result", made) == ""
    return made


def bytes_of(made):
    return b64decode(made["data"]["content_base64"])


def reference(name):
    """{"options", "content"} of a reference report."""
    return json.loads((REFERENCES / f"{name}.json").read_text("utf-8"))


def names():
    return sorted(path.stem for path in REFERENCES.glob("*.json"))
