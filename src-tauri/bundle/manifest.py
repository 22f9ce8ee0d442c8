"""What is in the bundle, for people and for machines: manifest.json and sbom.cdx.json, both the same on every run.

manifest.json: {"target", "python", "worker", "runtime": {"archive", "sha256"}, "packages": [{"name", "version",
"sha256", "licence", "licence_files"}], "bytes", "bytes_without_pyc", "files": {path: sha256}}. Paths use
"/" and are relative to the bundle; the two documents themselves are not in the list.
sbom.cdx.json: the same packages as CycloneDX 1.5, which scanners read.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from closure import Package

MANIFEST = "manifest.json"
SBOM = "sbom.cdx.json"


class Origin(NamedTuple):
    """python: the full version. worker: as `health` answers it. archive, sha256: of the interpreter."""

    target: str
    python: str
    worker: str
    archive: str
    sha256: str


def write(home: Path, origin: Origin, packages: list[Package], system_packages: list[str]) -> None:
    """system_packages: "name version source" of what the interpreter's archive brought along."""
    files = sums(home)
    sizes = {name: (home / name).stat().st_size for name in files}
    document = {
        "target": origin.target,
        "python": origin.python,
        "worker": origin.worker,
        "runtime": {"archive": origin.archive, "sha256": origin.sha256},
        "packages": [
            {
                "name": p.name,
                "version": p.version,
                "sha256": p.sha256,
                "licence": p.licence,
                "licence_files": list(p.files),
            }
            for p in packages
        ],
        "bytes": sum(sizes.values()),
        "bytes_without_pyc": sum(size for name, size in sizes.items() if not name.endswith(".pyc")),
        "files": files,
    }
    save(home / MANIFEST, document)
    save(home / SBOM, bill_of_materials(origin, packages, system_packages))


def sums(home: Path) -> dict[str, str]:
    """path -> sha256 of everything in the bundle but the two documents."""
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.name not in (MANIFEST, SBOM)
    }


def differences(home: Path) -> list[str]:
    """What no longer is as the manifest says: changed, added or missing paths."""
    said: dict[str, str] = json.loads((home / MANIFEST).read_text(encoding="utf-8"))["files"]
    found = sums(home)
    return sorted(name for name in said.keys() | found.keys() if said.get(name) != found.get(name))


def bill_of_materials(origin: Origin, packages: list[Package], system_packages: list[str]) -> dict[str, Any]:
    components: list[dict[str, Any]] = [
        {
            "type": "platform",
            "name": "cpython",
            "version": origin.python,
            "bom-ref": "cpython",
            "purl": f"pkg:generic/cpython@{origin.python}",
            "licenses": [{"license": {"id": "PSF-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": origin.sha256}],
        },
    ]
    for line in system_packages:
        name, version, source = line.split()
        reference = f"pkg:deb/debian/{name}@{version}"
        components.append(
            {
                "type": "library",
                "name": name,
                "version": version,
                "bom-ref": reference,
                "purl": reference,
                "properties": [{"name": "debian:source", "value": source}],
            }
        )
    for package in packages:
        reference = f"pkg:pypi/{package.name}@{package.version}"
        components.append(
            {
                "type": "library",
                "name": package.name,
                "version": package.version,
                "bom-ref": reference,
                "purl": reference,
                "licenses": [licence(package.licence)],
                "hashes": [{"alg": "SHA-256", "content": package.sha256}],
            }
        )
    worker = {
        "type": "application",
        "name": "pyworker",
        "version": origin.worker,
        "bom-ref": "pyworker",
        "licenses": [{"license": {"id": "GPL-3.0-or-later"}}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": worker},
        "components": components,
        "dependencies": [{"ref": "pyworker", "dependsOn": sorted(component["bom-ref"] for component in components)}],
    }


def licence(said: str) -> dict[str, Any]:
    """CycloneDX wants SPDX expressions apart from names that are none."""
    words = said.replace("(", " ").replace(")", " ").split()
    names = [word for word in words if word not in ("AND", "OR", "WITH")]
    # An SPDX expression joins names by operators; anything else is a name of the package's own making.
    is_expression = len(names) == 1 + sum(word in ("AND", "OR", "WITH") for word in words) and "-" in said
    return {"expression": said} if is_expression and len(words) > 1 else {"license": {"name": said}}


def save(path: Path, document: dict[str, Any]) -> None:
    path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")
