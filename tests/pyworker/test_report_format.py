"""report.format from the outside: where content comes from, where documents go, and what is refused."""

import hashlib
import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from report_asking import ask, bytes_of, reference

from protocol.errors import RpcError
from pyworker.settings import Settings

PLAIN = {"device": {"device_id": "d1", "platform": "ios", "marketing_name": "iPhone 13"}}


@pytest.fixture
def folders(tmp_path):
    settings = Settings()
    settings.data_dir, settings.artifact_dir = str(tmp_path / "data"), str(tmp_path / "artifacts")
    (tmp_path / "data/reports").mkdir(parents=True)
    (tmp_path / "artifacts").mkdir()
    return settings


def stage(settings, report_id, content):
    text = content if isinstance(content, str) else json.dumps(content)
    Path(settings.data_dir, "reports", f"{report_id}.json").write_text(text, "utf-8")


def refused(*args, **params):
    with pytest.raises(RpcError) as caught:
        ask(*args, **params)
    return caught.value


@pytest.mark.parametrize(("format", "start"), [("pdf", b"%PDF-"), ("html", b"<!DOCTYPE html>"), ("json", b"{")])
def test_a_staged_report_becomes_a_file(folders, format, start):
    stage(folders, "rep_abc123", PLAIN)
    made = ask(folders, "rep_abc123", format)
    data = made["data"]
    assert made["ok"] is True
    assert data["artifact"] == f"report.{format}"
    written = Path(folders.artifact_dir, "rep_abc123", data["artifact"]).read_bytes()
    assert written.lower().startswith(start.lower())
    assert (data["size"], data["sha256"]) == (len(written), hashlib.sha256(written).hexdigest())
    assert os.listdir(Path(folders.artifact_dir, "rep_abc123")) == [data["artifact"]]
    assert ("pages" in data) == (format == "pdf")


@pytest.mark.parametrize("format", ["pdf", "html", "json"])
def test_with_content_nothing_is_read_and_without_a_folder_nothing_is_written(format):
    made = ask(format=format, content=PLAIN)
    assert len(bytes_of(made)) == made["data"]["size"]


def test_the_same_content_staged_or_sent_gives_the_same_document(folders):
    stage(folders, "rep_1", PLAIN)
    assert ask(folders, format="html")["data"]["sha256"] == ask(folders, format="html", content=PLAIN)["data"]["sha256"]


def test_an_existing_report_is_replaced_whole(folders):
    ask(folders, format="html", content={**PLAIN, "notes": "x" * 5000})
    made = ask(folders, format="html", content=PLAIN)
    assert len(Path(folders.artifact_dir, "rep_1/report.html").read_bytes()) == made["data"]["size"]


@pytest.mark.parametrize("report_id", ["nobody", "rep_2"])
def test_a_report_nobody_staged_is_not_found(folders, report_id):
    assert refused(folders, report_id).kind == "report_not_found"


def test_without_a_data_folder_there_is_nothing_to_find():
    assert refused().kind == "report_not_found"


@pytest.mark.parametrize("report_id", ["..", "...", "a..", ".hidden", "con", "NUL.txt", "a."])
def test_an_id_cannot_leave_its_folder_or_name_a_device(folders, report_id):
    from pyworker.report import checked_id

    with pytest.raises(RpcError) as caught:
        checked_id(report_id)
    assert caught.value.code == -32602


@pytest.mark.parametrize(("report_id", "word"), [("con", "Windows"), ("NUL.txt", "Windows"), ("a.", "ending"), ("..", "starting")])
def test_it_is_told_why_an_id_is_refused(report_id, word):
    from pyworker.report import checked_id

    with pytest.raises(RpcError) as caught:
        checked_id(report_id)
    assert word in caught.value.message


@pytest.mark.parametrize("report_id", ["../x", "a/b", "a\\b", "", "x" * 129, "a b", "ä", "a\n"])
def test_the_schema_refuses_ids_with_paths_in_them(report_id):
    from pyworker.validation import first_problem

    problem = first_problem("report.format.params", {"report_id": report_id, "format": "pdf"})
    from pyworker.report import checked_id

    if not problem:
        with pytest.raises(RpcError):
            checked_id(report_id)
    else:
        assert problem.startswith("report_id")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("not json", "data file"),
        ("[]", "data file"),
        ('{"device": 5}', "device"),
        ("{}", "device"),
        ('{"device": {}, "device": {}}', "data file"),
        ('{"device": {"device_id": "x", "platform": "ios"}, "shop": 7}', "shop"),
    ],
)
def test_a_malformed_data_file_is_named_with_its_member(folders, text, named):
    stage(folders, "rep_1", text)
    error = refused(folders)
    assert error.code == -32602
    assert named in error.message


def test_a_data_file_that_is_no_file_is_not_found(folders):
    os.mkfifo(Path(folders.data_dir, "reports/rep_1.json"))
    assert refused(folders).kind == "report_not_found"


def test_a_folder_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    settings = Settings()
    (tmp_path / "artifacts").mkdir()
    (tmp_path / "artifacts/rep_1").write_text("a file where a folder should be")
    settings.artifact_dir = str(tmp_path / "artifacts")
    error = refused(settings, content=PLAIN)
    assert (error.code, error.kind) == (1010, "artifact_failed")
    assert os.listdir(settings.artifact_dir) == ["rep_1"]


def test_a_full_disk_leaves_no_half_file_and_keeps_the_old_one(folders, monkeypatch):
    ask(folders, format="html", content=PLAIN)
    before = Path(folders.artifact_dir, "rep_1/report.html").read_bytes()
    real = os.write

    def full(fd, data):
        if len(data) > 100:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    monkeypatch.setattr("pyworker.reporting.artifact.os.write", full)
    assert refused(folders, format="html", content={**PLAIN, "notes": "new"}).kind == "artifact_failed"
    assert Path(folders.artifact_dir, "rep_1/report.html").read_bytes() == before
    assert os.listdir(Path(folders.artifact_dir, "rep_1")) == ["report.html"]


def picture(kind, size=(40, 20)):
    import io

    from PIL import Image

    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, kind)
    return made.getvalue()


def uri(data, kind="png"):
    return f"data:image/{kind};base64," + b64encode(data).decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_printed(kind):
    html = bytes_of(ask(content={**PLAIN, "shop": {"name": "S", "logo": uri(picture(kind), kind.lower())}})).decode()
    assert "data:image/png;base64," in html


@pytest.mark.parametrize(
    "logo",
    [
        "http://192.0.2.1/logo.png",
        "file:///etc/passwd",
        "/etc/passwd",
        uri(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg+xml"),
        uri(b"GIF89a" + b"\0" * 30),
        uri(b"%PDF-1.4"),
        uri(picture("PNG")[:60]),
        uri(picture("PNG", (3000, 3000))),
        uri(b""),
        "data:image/png;base64,####",
        uri(b"\x89PNG\r\n\x1a\n" + b"\0" * 600_000),
        uri(picture("BMP")),
    ],
    ids=["http", "file", "path", "svg", "gif", "pdf", "cut", "bomb", "empty", "no-base64", "large", "bmp"],
)
def test_a_logo_that_is_no_small_png_or_jpeg_is_refused_by_name(logo):
    error = refused(content={**PLAIN, "shop": {"logo": logo}})
    assert error.code == -32602
    assert "logo" in error.message


def test_what_is_absent_is_not_tested_and_what_is_null_is_not_determined():
    content = reference("silent-phone")["content"]
    html = bytes_of(ask(content=content)).decode()
    assert "Not tested" in html
    assert "ot determined" in html
    assert "does not trust this computer" in html


def test_an_error_before_the_deadline_when_there_is_no_time():
    assert refused(format="pdf", content=PLAIN, seconds=-1.0).kind == "timeout"


@pytest.mark.parametrize("audience", ["customer", "technician", "insurer", "support"])
def test_each_audience_sees_its_own(audience):
    content = {
        "device": {
            **PLAIN["device"],
            "serial": "XVRT17CLN1",
            "imei": "001017000000110",
            "iccid": "8988303000000000010",
            "name": "Mira's iPhone",
            "something_new": "secret word",
        }
    }
    text = bytes_of(ask(format="json", content=content, options={"audience": audience})).decode()
    full = audience == "technician"
    assert ("XVRT17CLN1" in text) == (audience in ("technician", "insurer"))
    assert ("001017000000110" in text) == (audience in ("technician", "insurer"))
    assert ("8988303000000000010" in text) == full
    assert ("Mira" in text) == full
    assert "secret word" not in text


@pytest.mark.parametrize(
    ("locale", "word"),
    [("en", "Device report"), ("de", "Gerät"), ("es", "nforme"), ("fr", "apport"), ("zh-Hans", "报告")],
)
def test_five_languages(locale, word):
    assert word in bytes_of(ask(content=PLAIN, options={"locale": locale})).decode()


def test_the_accessible_copy_has_no_script_and_a_policy():
    html = bytes_of(ask(content=reference("clean-iphone")["content"])).decode()
    assert "<script" not in html
    assert "default-src 'none'" in html
    assert '<html lang="en"' in html
    assert 'scope="' in html


def test_canonical_json_is_sorted_and_hashed():
    made = ask(format="json", content=PLAIN)
    text = bytes_of(made).decode()
    value = json.loads(text)
    assert made["data"]["sha256"] == made["data"]["content_sha256"]
    assert list(value) == sorted(value)
    assert value["device"] == {
        "device_id": value["device"]["device_id"],
        "marketing_name": "iPhone 13",
        "platform": "ios",
    }


def test_a_result_about_another_phone_is_refused():
    content = reference("clean-iphone")["content"]
    content["device"] = {**content["device"], "serial": "ANOTHER1", "device_id": "another"}
    error = refused(content=content)
    assert error.code == -32602
    assert "another device" in error.message


def test_a_bare_no_is_not_certified():
    data = {"activation_locked": False, "mdm_enrolled": True, "frp_locked": None, "efi_locked": None, "state": "ready"}
    content = {**PLAIN, "results": {"inspect.basic": {"ok": True, "data": data, "warnings": []}}}
    html = bytes_of(ask(content=content)).decode()
    assert "ot determined" in html
    assert "Off" not in html


def test_a_link_in_the_data_folder_is_not_followed(folders, tmp_path):
    (tmp_path / "elsewhere.json").write_text(json.dumps(PLAIN))
    Path(folders.data_dir, "reports/link.json").symlink_to(tmp_path / "elsewhere.json")
    assert refused(folders, "link").kind == "report_not_found"


@pytest.mark.parametrize("member", ["device_id", "serial", "platform", "udid"])
def test_results_of_another_phone_are_refused_by_name(member):
    device = {"device_id": "d1", "platform": "ios", "serial": "A1", "udid": "d1"}
    basic = {"ok": True, "data": {"device": {**device, member: "android"}, "findings": {}}, "warnings": []}
    error = refused(content={"device": device, "results": {"inspect.basic": basic}})
    assert error.code == -32602
    assert "results.inspect.basic" in error.message
    assert member in error.message


def test_a_staged_file_that_is_a_link_is_not_followed(folders, tmp_path):
    elsewhere = tmp_path / "elsewhere.json"
    elsewhere.write_text(json.dumps(PLAIN))
    Path(folders.data_dir, "reports", "rep_1.json").symlink_to(elsewhere)
    assert refused(folders).kind == "report_not_found"
