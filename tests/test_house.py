"""The rules of the house that no single module can keep: who imports whom, and that closed lists stay closed."""

import ast
import json
from pathlib import Path

import pytest

from pyworker.errors import KINDS
from pyworker.findings import REASONS, WARNINGS
from pyworker.methods import METHODS
from pyworker.policy import CAPABILITIES, MODES

ROOT = Path(__file__).parent.parent
SOURCES = sorted([*ROOT.glob("protocol/**/*.py"), *ROOT.glob("pyworker/**/*.py"), *ROOT.glob("schemas/*.py")])
# What ships for people at a terminal may start the virtual phones; nothing the worker runs does.
MAY_IMPORT_VIRTUAL = ("pyworker/virtual/", "pyworker/demo.py")


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    name = path.relative_to(ROOT).as_posix()
    taken = imports(path)
    if name.startswith("protocol/"):
        assert not [each for each in taken if within(each, "pyworker") or within(each, "schemas")]
    if name.startswith("pyworker/ios/"):
        assert not [each for each in taken if within(each, "pyworker.android")]
    if name.startswith("pyworker/android/"):
        assert not [each for each in taken if within(each, "pyworker.ios")]
    if name.startswith(("pyworker/ios/", "pyworker/android/")):
        above = ("worker", "methods", "main", "inspect", "devices", "logs", "report", "validation", "discover")
        assert not [each for each in taken if any(within(each, f"pyworker.{upper}") for upper in above)]
    if not name.startswith(MAY_IMPORT_VIRTUAL):
        assert not [each for each in taken if within(each, "pyworker.virtual")]
    assert not [each for each in taken if within(each, "tests")]


def test_protocol_needs_the_standard_library_only():
    import sys

    for path in ROOT.glob("protocol/*.py"):
        for module in imports(path):
            top = module.partition(".")[0]
            assert top == "protocol" or top in sys.stdlib_module_names, f"{path.name} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_what_it_is_for(path):
    if path.read_text("utf-8").strip():
        assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_no_module_is_named_after_nothing():
    assert not {path.stem for path in SOURCES} & {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


def test_the_schemas_know_the_same_reasons_and_warnings():
    shared = json.loads((ROOT / "schemas/shared.json").read_text("utf-8"))["$defs"]
    assert set(shared["reason"]["enum"]) == set(REASONS)
    assert set(shared["warning"]["enum"]) == set(WARNINGS)
    assert tuple(shared["policy"]["enum"]) == MODES == tuple(CAPABILITIES)


def test_every_method_has_its_schemas_and_a_capability():
    for method in METHODS.values():
        assert (ROOT / f"schemas/{method.name}.params.json").exists()
        assert (ROOT / f"schemas/{method.name}.result.json").exists()
        assert any(method.capability in each for each in CAPABILITIES.values())


def test_no_two_errors_share_a_number():
    codes = [kind.code for kind in KINDS.values()]
    assert len(set(codes)) == len(codes)
    assert all(1000 < code < 2000 for code in codes)


def test_every_schema_is_a_schema_with_its_own_urn_and_no_way_out():
    from jsonschema import Draft202012Validator

    for path in (ROOT / "schemas").glob("*.json"):
        schema = json.loads(path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"urn:pyworker:{path.stem}"
        for reference in references(schema):
            assert reference.startswith(("#", "urn:pyworker:"))


def references(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name == "$ref":
                yield member
            else:
                yield from references(member)
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
