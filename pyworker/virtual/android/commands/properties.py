"""getprop and setprop: the phone's properties, which are what its description gives as the output of `getprop`."""

from __future__ import annotations

import re

from pyworker.virtual.android.mksh.process import Process


def parsed_properties(text: str) -> dict[str, str]:
    """`getprop` output as a mapping; values may run over several lines."""
    found: dict[str, str] = {}
    for match in re.finditer(r"^\[([^\]\n]*)\]: \[(.*?)\]$(?=\n\[|\n*\Z)", text, re.MULTILINE | re.DOTALL):
        found[match[1]] = match[2]
    return found


def _printed(properties: dict[str, str]) -> str:
    return "".join(f"[{name}]: [{value}]\n" for name, value in sorted(properties.items()))


def _properties_of(process: Process) -> dict[str, str]:
    output = process.phone.outputs.get("getprop")
    if output is None:
        return {}
    data = output.stdout if isinstance(output.stdout, bytes) else b"".join(output.stdout())
    return parsed_properties(data.replace(b"\r\n", b"\n").decode("latin-1"))


def getprop(process: Process) -> int:
    names = [each for each in process.arguments[1:] if not each.startswith("-")]
    properties = _properties_of(process)
    if not names:
        process.out(_printed(properties))
        return 0
    process.out(properties.get(names[0]) or (names[1] if len(names) > 1 else ""))
    process.out("\n")
    return 0


def setprop(process: Process) -> int:
    if len(process.arguments) != 3:
        process.err("setprop: Need 2 arguments\n")
        return 1
    name, value = process.arguments[1:]
    if name.startswith("ro."):
        process.err(f"Failed to set property '{name}' to '{value}'.\nSee dmesg for error reason.\n")
        return 1
    text = _printed({**_properties_of(process), name: value})
    process.phone.replace_output("getprop", text.encode("latin-1"))
    process.phone.note("change", f"setprop {name} {value}")
    return 0
