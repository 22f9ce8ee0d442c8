"""A file is there whole, or it is not there."""

import os
import stat
from pathlib import Path

import pytest

from protocol.errors import RpcError
from pyworker.reporting.artifact import write_artifact


def files(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_the_file_is_written_for_its_owner_alone(tmp_path):
    write_artifact(str(tmp_path), "rep", "report.pdf", b"x" * 100_000)
    path = tmp_path / "rep" / "report.pdf"
    assert path.read_bytes() == b"x" * 100_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files(tmp_path / "rep") == ["report.pdf"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
@pytest.mark.parametrize("code", [28, 5, 13, 30], ids=["ENOSPC", "EIO", "EACCES", "EROFS"])
def test_whatever_fails_the_old_file_stays_and_nothing_is_left_over(tmp_path, monkeypatch, call, code):
    write_artifact(str(tmp_path), "rep", "report.pdf", b"old")

    def fails(*_args, **_options):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(RpcError) as caught:
        write_artifact(str(tmp_path), "rep", "report.pdf", b"new")
    monkeypatch.undo()
    assert caught.value.kind == "artifact_failed"
    assert str(tmp_path) not in caught.value.message
    assert (tmp_path / "rep" / "report.pdf").read_bytes() == b"old"
    assert files(tmp_path / "rep") == ["report.pdf"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "replace"])
def test_a_folder_made_for_nothing_goes_again(tmp_path, monkeypatch, call):
    def fails(*_args, **_options):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, call, fails)
    with pytest.raises(RpcError):
        write_artifact(str(tmp_path), "rep", "report.pdf", b"new")
    monkeypatch.undo()
    assert files(tmp_path) == []


def test_a_folder_that_was_there_stays(tmp_path, monkeypatch):
    (tmp_path / "rep").mkdir()

    def fails(*_args, **_options):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "write", fails)
    with pytest.raises(RpcError):
        write_artifact(str(tmp_path), "rep", "report.pdf", b"new")
    assert files(tmp_path) == ["rep"]
    assert files(tmp_path / "rep") == []


def test_short_writes_are_continued(tmp_path, monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:7]))
    write_artifact(str(tmp_path), "rep", "report.pdf", bytes(range(250)))
    assert (tmp_path / "rep" / "report.pdf").read_bytes() == bytes(range(250))


def test_what_a_killed_process_left_is_cleared_away(tmp_path):
    (tmp_path / "rep").mkdir()
    (tmp_path / "rep" / ".report.pdf.4711.part").write_bytes(b"half")
    write_artifact(str(tmp_path), "rep", "report.pdf", b"whole")
    assert files(tmp_path / "rep") == ["report.pdf"]


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "rep").symlink_to(elsewhere)
    with pytest.raises(RpcError) as caught:
        write_artifact(str(tmp_path / "root"), "rep", "report.pdf", b"x")
    assert caught.value.kind == "artifact_failed"
    assert files(elsewhere) == []


def test_a_link_in_place_of_the_file_is_replaced_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    (tmp_path / "rep").mkdir()
    (tmp_path / "rep" / "report.pdf").symlink_to(target)
    write_artifact(str(tmp_path), "rep", "report.pdf", b"x")
    assert target.read_bytes() == b"precious"
    assert not (tmp_path / "rep" / "report.pdf").is_symlink()
