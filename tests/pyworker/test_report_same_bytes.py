"""The same content gives the same bytes: on any day, in any locale, time zone and home, in any process.

A handful of processes here; PYWORKER_RENDERS=100 takes a hundred.
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
RENDERS = int(os.environ.get("PYWORKER_RENDERS", "6"))
# A process that renders one reference report and says its hash; its clock is moved by argument.
PROGRAM = """
import sys, time
sys.path[:0] = {paths!r}
shift = float(sys.argv[1])
real = time.time
time.time = lambda: real() + shift
from report_asking import ask, reference
made = ask(**reference(sys.argv[2]), report_id="rep_1", format=sys.argv[3])
print(made["data"]["sha256"])
"""
SURROUNDINGS = [
    {"TZ": "UTC", "LANG": "C", "HOME": "/nonexistent"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "HOME": "/"},
    {"TZ": "America/St_Johns", "LANG": "ar_EG.UTF-8", "SOURCE_DATE_EPOCH": "1"},
    {"PYTHONHASHSEED": "1", "LANG": "zh_CN.UTF-8"},
    {"PYTHONHASHSEED": "12345", "PYTHONUTF8": "1", "COLUMNS": "40"},
    {"PYTHONOPTIMIZE": "1", "TZ": "Asia/Kathmandu"},
]


def render(number, name, format):
    environment = {"PATH": os.environ["PATH"], **SURROUNDINGS[number % len(SURROUNDINGS)]}
    program = PROGRAM.format(paths=[str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", program, str(number * 31_557_600.5), name, format],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return done.stdout.strip()


def test_pdf_is_the_same_in_every_process():
    assert len({render(number, "arabic", "pdf") for number in range(RENDERS)}) == 1


def test_html_and_json_are_the_same_in_every_process():
    for format in ("html", "json"):
        assert len({render(number, "clean-iphone", format) for number in range(2)}) == 1
