"""What logs.collect answers goes into a report as it is."""

from __future__ import annotations

import json

import pytest
from logs_desk import desk


@pytest.mark.parametrize("name", ["iphone-clean", "android-clean"])
def test_a_report_takes_the_result_as_the_worker_gave_it(name, tmp_path):
    with desk(name, tmp_path) as here:
        collected = here.collect(duration_ms=300)
        content = {"device": collected["data"]["device"], "results": {"logs.collect": collected}}
        for audience in ("customer", "technician"):
            for kind in ("json", "html"):
                options = {"audience": audience}
                here.worker.ask(
                    "report.format", report_id=f"{audience}-{kind}", format=kind, content=content, options=options
                )
        copy = json.loads((tmp_path / "technician-json" / "report.json").read_text())
        shown = copy["results"]["logs.collect"]["data"]
        assert shown["log_count"] == collected["data"]["log_count"]
        assert [item["words"] for item in shown["triage"]] == [item["words"] for item in collected["data"]["triage"]]
        page = (tmp_path / "technician-html" / "report.html").read_text()
        assert ("App crash" in page and "com.example.chat" in page) or "Notizen" in page
        # A customer learns what happened, not in which app.
        customer = (tmp_path / "customer-html" / "report.html").read_text()
        assert "App crash" in customer
        assert "com.example.chat" not in customer and "Notizen" not in customer
