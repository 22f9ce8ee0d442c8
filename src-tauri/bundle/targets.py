"""What differs between the systems a bundle is made for. Data only.

Wheel tags: the oldest systems that every package of the closure still has a wheel for (measured: glibc 2.17 and 2.28,
macOS 11 on arm64, 10.15 on x86_64). Naming them keeps pip from taking a wheel that fits only the build machine.
"""

from __future__ import annotations

from typing import NamedTuple


class Target(NamedTuple):
    """wheels: platform tags for pip. python: the version to ship, as "3.13"."""

    wheels: tuple[str, ...]
    python: str
    windows: bool = False


_GLIBC = (
    "manylinux_2_28",
    "manylinux_2_17",
    "manylinux2014",
    "manylinux_2_12",
    "manylinux2010",
    "manylinux_2_5",
    "manylinux1",
)


def _linux(machine: str, python: str) -> Target:
    return Target(tuple(f"{glibc}_{machine}" for glibc in _GLIBC), python)


TARGETS: dict[str, Target] = {
    "linux-x86_64": _linux("x86_64", "3.13"),
    # The same with the interpreter of Debian 12, for machines that can reach nothing but Debian's packages.
    "linux-x86_64-debian": _linux("x86_64", "3.11"),
    "linux-arm64": _linux("aarch64", "3.13"),
    "windows-x86_64": Target(("win_amd64",), "3.13", windows=True),
    "macos-arm64": Target(("macosx_11_0_arm64",), "3.13"),
    "macos-x86_64": Target(("macosx_10_15_x86_64",), "3.13"),
}

# The closure: what the worker really imports, installed without dependency resolution. pip would resolve 115 packages
# and 270 MB, most of them for developer services that need a tunnel (av, IPython, fastapi, qh3 ...), none of them ever
# imported here. SVG support of xhtml2pdf (svglib, lxml, cssselect2, tinycss2) is left out: a report holds no SVG.
CLOSURE: dict[str, str] = {
    "adb-shell": "0.4.3",  # 0.4.4 has no wheel
    "annotated-doc": "0.0.7",
    "arabic-reshaper": "3.1.0",
    "attrs": "26.1.0",
    "bytestruct": "0.2.0",
    "certifi": "2026.10.19.post1",
    "cffi": "2.1.1",
    "charset-normalizer": "3.5.2",
    "click": "8.5.1",
    "cryptography": "50.0.2",
    "html5lib": "1.1",
    "hyperframe": "6.1.0",
    "idna": "3.20",
    "ifaddr": "0.2.0",
    "jinja2": "3.1.6",
    "jsonschema": "4.26.0",
    "jsonschema-specifications": "2025.9.1",
    "libusb1": "3.4.0",
    "markupsafe": "3.0.4",
    "packaging": "26.3",
    "pillow": "13.0.0",
    "prompt-toolkit": "3.0.53",
    "psutil": "7.2.2",
    "pyasn1": "0.6.5",
    "pycparser": "3.12",
    "pycrashreport": "2.0.0",
    "pygments": "2.21.0",
    "pygnuutils": "0.1.1",
    "pymobiledevice3": "11.45.0",
    "pypdf": "7.1.1",
    "questionary": "2.1.1",
    "referencing": "0.37.0",
    "reportlab": "5.1.0",
    "requests": "2.34.2",
    "rich": "15.0.0",
    "rpds-py": "2026.9.1",
    "rsa": "4.9.1",
    "shellingham": "1.5.4",
    "six": "1.17.0",
    "typer": "0.29.2",
    "typing-extensions": "4.16.0",
    "urllib3": "2.8.0",
    "wcwidth": "0.9.4",
    "webencodings": "0.6.1",
    "xhtml2pdf": "0.2.28",
}

# libusb itself; libusb1 only brings it along for Windows. Its wheel is opened for the library, not installed.
LIBUSB = ("libusb-package", "1.0.30.0")

# Imported at module level by pymobiledevice3 on these systems; tzdata because Windows has no time zones of its own.
EXTRA: dict[str, dict[str, str]] = {
    "windows-x86_64": {"pywin32": "312", "colorama": "0.4.6", "tzdata": "2026.6"},
    "macos-arm64": {"ioregistry": "0.0.6"},
    "macos-x86_64": {"ioregistry": "0.0.6"},
}

# The last version with a wheel for Intel Macs. It gets no fixes any more: a reason to stop shipping for them.
INSTEAD: dict[str, dict[str, str]] = {"macos-x86_64": {"cryptography": "48.0.1"}}

# Where a package's own words on its licence are missing or too short, as its licence file has it. Of libusb-package
# only the library is taken.
LICENCES: dict[str, str] = {
    "adb-shell": "Apache-2.0",
    "libusb-package": "LGPL-2.1-or-later",
    "pycrashreport": "GPL-3.0-or-later",
    "pygnuutils": "GPL-3.0-or-later",
}


def packages(target: str) -> dict[str, str]:
    """name -> version of all that is locked for this target, in order of names."""
    everything = {**CLOSURE, **EXTRA.get(target, {}), LIBUSB[0]: LIBUSB[1], **INSTEAD.get(target, {})}
    return dict(sorted(everything.items()))
