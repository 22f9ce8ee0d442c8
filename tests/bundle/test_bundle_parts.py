"""The parts of the bundle's build that need neither a network nor an interpreter to ship. The whole is run.sh."""

import contextlib
import hashlib
import io
import re
import struct
import sys
import tarfile
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "src-tauri" / "bundle"))

import closure
import manifest
import pe
import runtime
import targets


@pytest.mark.parametrize("target", targets.TARGETS)
def test_a_lock_holds_exactly_the_packages_of_its_target(target: str) -> None:
    locked = {entry.name: entry.version for entry in closure.read_lock(target)}
    assert locked == targets.packages(target)


@pytest.mark.parametrize("target", targets.TARGETS)
def test_every_locked_wheel_runs_on_its_target(target: str) -> None:
    tag = "cp" + targets.TARGETS[target].python.replace(".", "")
    kind = target.split("-")[0]
    systems = {"linux": "manylinux", "windows": "win_amd64", "macos": "macosx"}
    for entry in closure.read_lock(target):
        python, abi, platform = entry.wheel.removesuffix(".whl").split("-")[-3:]
        assert abi in (tag, "abi3", "none"), entry.wheel
        assert platform == "any" or systems[kind] in platform, entry.wheel
        assert python in (tag, "py3", "py2.py3") or (abi == "abi3" and python.startswith("cp3")), entry.wheel


def test_the_closure_pins_what_the_worker_pins() -> None:
    setup = ConfigParser()
    setup.read(REPOSITORY / "setup.cfg")
    for line in setup["options"]["install_requires"].split("\n"):
        exact = re.fullmatch(r"([a-z0-9-]+)(?:\[\w+\])? == (\S+)", line.strip())
        if exact:
            assert targets.CLOSURE[exact.group(1)] == exact.group(2)


def portable_executable(imports: list[str], machine: int = pe.MACHINE_AMD64) -> bytes:
    """The least that a loader would take for a 64-bit library: one section at 0x1000 with the import directory."""
    names = b""
    table = b""
    for name in imports:
        table += struct.pack("<IIIII", 0, 0, 0, 0x1000 + 20 * (len(imports) + 1) + len(names), 0)
        names += name.encode() + b"\0"
    section = table + bytes(20) + names
    optional = struct.pack("<H", 0x20B) + bytes(110) + struct.pack("<IIII", 0, 0, 0x1000 if imports else 0, len(table))
    header = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), 0)
    raw = 64 + len(header) + len(optional) + 40
    layout = b".rdata\0\0" + struct.pack("<IIII", len(section), 0x1000, len(section), raw) + bytes(16)
    return b"MZ" + bytes(58) + struct.pack("<I", 64) + header + optional + layout + section


def test_a_windows_binary_tells_its_machine_and_the_libraries_it_asks_for() -> None:
    binary = pe.read(portable_executable(["KERNEL32.dll", "python313.dll"]))
    assert binary == pe.Binary(pe.MACHINE_AMD64, ("KERNEL32.dll", "python313.dll"))
    assert pe.read(portable_executable([])).imports == ()


def test_a_library_that_nobody_has_is_found_before_a_customer_finds_it(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "module.pyd").write_bytes(portable_executable(["python313.dll", "helper.dll", "KERNEL32.dll"]))
    (tmp_path / "python313.dll").write_bytes(portable_executable([]))
    with pytest.raises(pe.Unresolved, match=r"helper\.dll"):
        pe.check(tmp_path)
    (app / "helper.dll").write_bytes(portable_executable([]))
    assert pe.check(tmp_path) == 3
    (app / "wrong.pyd").write_bytes(portable_executable([], machine=0x14C))
    with pytest.raises(pe.Unresolved, match="0x14c"):
        pe.check(tmp_path)


@given(st.binary(max_size=200), st.integers(min_value=0, max_value=400))
def test_a_damaged_binary_is_refused_and_never_crashes_the_check(noise: bytes, at: int) -> None:
    whole = portable_executable(["KERNEL32.dll"])
    damaged = whole[:at] + noise + whole[at + len(noise) :]
    with contextlib.suppress(pe.Unresolved):
        pe.read(damaged)


def test_the_manifest_finds_what_was_changed_added_or_lost(tmp_path: Path) -> None:
    for name in ("kept", "changed", "lost"):
        (tmp_path / name).write_text(name)
    origin = manifest.Origin("linux-x86_64", "3.13.1", "py-worker-1.0.0", "cpython.tar.gz", "0" * 64)
    package = closure.Package("six", "1.17.0", "1" * 64, "MIT", ())
    manifest.write(tmp_path, origin, [package], ["libssl3 3.0.1 openssl"])
    assert manifest.differences(tmp_path) == []
    (tmp_path / "changed").write_text("else")
    (tmp_path / "lost").unlink()
    (tmp_path / "added").write_text("")
    assert manifest.differences(tmp_path) == ["added", "changed", "lost"]


def test_the_bill_of_materials_names_every_part_once_and_ties_it_to_the_worker() -> None:
    origin = manifest.Origin("linux-x86_64", "3.13.1", "py-worker-1.0.0", "cpython.tar.gz", "0" * 64)
    packages = [closure.Package("six", "1.17.0", "1" * 64, "MIT", ())]
    bill = manifest.bill_of_materials(origin, packages, ["libssl3 3.0.1 openssl"])
    references = [component["bom-ref"] for component in bill["components"]]
    assert references == ["cpython", "pkg:deb/debian/libssl3@3.0.1", "pkg:pypi/six@1.17.0"]
    assert bill["dependencies"] == [{"ref": "pyworker", "dependsOn": sorted(references)}]


@pytest.mark.parametrize(
    ("said", "form"),
    [
        ("Apache-2.0 OR BSD-3-Clause", {"expression": "Apache-2.0 OR BSD-3-Clause"}),
        ("MIT", {"license": {"name": "MIT"}}),
        ("The MIT License (MIT)", {"license": {"name": "The MIT License (MIT)"}}),
    ],
)
def test_a_licence_is_an_expression_only_where_it_is_one(said: str, form: dict[str, object]) -> None:
    assert manifest.licence(said) == form


def archive(path: Path, names: dict[str, bytes], links: dict[str, str] | None = None) -> str:
    with tarfile.open(path, "w:gz") as tar:
        for name, content in names.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o755
            tar.addfile(entry, io.BytesIO(content))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.SYMTYPE
            entry.linkname = target
            tar.addfile(entry)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_interpreter_is_taken_by_its_hash_only(tmp_path: Path) -> None:
    right = archive(tmp_path / "runtime.tar.gz", {"python/bin/python3.13": b"#!"})
    with pytest.raises(runtime.WrongArchive, match=right):
        runtime.unpack(tmp_path / "runtime.tar.gz", "0" * 64, tmp_path / "home", windows=False)
    assert not (tmp_path / "home").exists()


def test_an_unpacked_interpreter_has_no_links_and_nothing_for_people_at_a_keyboard(tmp_path: Path) -> None:
    names = {
        "python/bin/python3.13": b"#!",
        "python/bin/pip3": b"#!",
        "python/lib/libpython3.13.so.1.0": b"elf",
        "python/lib/python3.13/os.py": b"",
        "python/lib/python3.13/idlelib/run.py": b"",
    }
    links = {"python/bin/python3": "python3.13", "python/lib/libpython3.13.so": "libpython3.13.so.1.0"}
    sha256 = archive(tmp_path / "runtime.tar.gz", names, links)
    home = tmp_path / "home"
    runtime.unpack(tmp_path / "runtime.tar.gz", sha256, home, windows=False)
    found = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert found == {
        "bin/python3.13",
        "lib/libpython3.13.so",
        "lib/libpython3.13.so.1.0",
        "lib/python3.13/os.py",
    }
    assert not any(path.is_symlink() for path in home.rglob("*"))


def test_an_archive_without_an_interpreter_is_refused(tmp_path: Path) -> None:
    sha256 = archive(tmp_path / "runtime.tar.gz", {"python/lib/python3.13/os.py": b""})
    with pytest.raises(runtime.WrongArchive, match="no interpreter"):
        runtime.unpack(tmp_path / "runtime.tar.gz", sha256, tmp_path / "home", windows=False)


def wheel(folder: Path) -> closure.Locked:
    """A wheel whose modules lie in its data folder, as some of the closure do."""
    path = folder / "six-1.17.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("six-1.17.0.data/purelib/six.py", "")
        made.writestr("six-1.17.0.data/scripts/six", "#!")
        made.writestr(
            "six-1.17.0.dist-info/METADATA",
            "Name: six\nVersion: 1.17.0\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n",
        )
        made.writestr("six-1.17.0.dist-info/licenses/LICENSE", "text")
    return closure.Locked("six", "1.17.0", hashlib.sha256(path.read_bytes()).hexdigest(), path.name)


def test_a_full_cache_is_used_without_asking_anybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = wheel(tmp_path)
    monkeypatch.setattr(closure, "read_lock", lambda target: [entry])
    monkeypatch.setattr(closure, "download", lambda *_: pytest.fail("somebody was asked"))
    [package] = closure.install("linux-x86_64", tmp_path, tmp_path / "app")
    assert (tmp_path / "app" / "six.py").exists()
    assert not (tmp_path / "app" / "six-1.17.0.data").exists()
    assert package.licence == "MIT License"
    assert package.files == ("six-1.17.0.dist-info/licenses/LICENSE",)


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = wheel(tmp_path)
    monkeypatch.setattr(closure, "read_lock", lambda target: [entry._replace(sha256="0" * 64)])
    with pytest.raises(closure.Unlocked, match="not the locked one"):
        closure.fill("linux-x86_64", tmp_path)
