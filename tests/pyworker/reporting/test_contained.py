"""The worker as it runs: contained, answering over the pipe, with the longest of the reference reports and its logo."""

import json
import subprocess
import sys

import pytest
from report_asking import reference


@pytest.mark.parametrize("name", ["monster", "chinese"])
def test_a_contained_worker_formats_a_report_and_nothing_is_denied(name, tmp_path):
    asked = reference(name)
    lines = [json.dumps({"jsonrpc": "2.0", "id": kind, "method": "report.format",
                         "params": {"report_id": "rep_1", "format": kind, **asked}}) for kind in ("pdf", "html", "json")]
    worker = subprocess.Popen(
        [sys.executable, "-m", "pyworker", "--artifact-dir", str(tmp_path)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # The end of its input would be the worker's sign to leave, ready or not.
    worker.stdin.write("\n".join(lines) + "\n")
    worker.stdin.flush()
    answers = [json.loads(worker.stdout.readline()) for _ in lines]
    _, log = worker.communicate(timeout=60)
    assert {answer["id"] for answer in answers} == {"pdf", "html", "json"}
    assert all("result" in answer for answer in answers), answers
    assert "denied" not in log
    assert sorted(path.name for path in (tmp_path / "rep_1").iterdir()) == ["report.html", "report.json", "report.pdf"]
