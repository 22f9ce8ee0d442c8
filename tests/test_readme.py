"""The README is true: what can be pasted is pasted, what is listed is compared."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from protocol import errors as rpc
from pyworker.errors import KINDS
from pyworker.methods import METHODS
from pyworker.validation import schema

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = [block for block in re.findall(r"```sh\n(.*?)```", README, re.S) if "pip install" not in block and "pytest" not in block]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.split("\n")[0][:50])
def test_what_can_be_pasted_works(command):
    folder = Path(sys.executable).parent
    done = subprocess.run(["bash", "-euc", f'PATH="{folder}:$PATH"; {command}'], cwd=ROOT, capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_every_method_is_listed():
    assert set(re.findall(r"^\| `([a-z.]+)` \|", README, re.M)) == set(METHODS)


@pytest.mark.parametrize("method", METHODS)
def test_parameters_by_position_are_in_the_order_of_the_table(method):
    [row] = re.findall(rf"^\| `{re.escape(method)}` \|([^|]*)\|", README, re.M)
    told = re.findall(r"`([a-z_]+)`", row)
    assert list(schema(f"{method}.params")["properties"])[: len(told)] == told


def test_every_error_is_listed():
    listed = set(re.findall(r"(-?\d{4,5}) \| ([a-z_]+)", README))
    own = {(str(kind.code), name) for name, kind in KINDS.items()}
    theirs = {
        (str(error.code), error.kind)
        for error in (rpc.parse_error(""), rpc.invalid_request(""), rpc.method_not_found(""), rpc.invalid_params(""),
                      rpc.internal_error(), rpc.request_cancelled())
    }
    assert listed == own | theirs


def test_every_link_leads_somewhere():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
