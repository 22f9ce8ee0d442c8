"""settings: the three tables of the settings provider."""

from __future__ import annotations

from pyworker.virtual.android.mksh.process import Process

TABLES = ("secure", "global", "system")
BAD_ARGUMENTS = 255


def settings(process: Process) -> int:
    arguments = process.arguments[1:]
    if arguments[:1] == ["--user"]:
        arguments = arguments[2:]
    verb, table, *rest = [*arguments, "", ""]
    if verb not in ("get", "list", "put", "delete", "reset"):
        process.err("Bad arguments\n")
        return BAD_ARGUMENTS
    if table not in TABLES:
        process.err("Bad arguments\n" if verb == "reset" else f"Invalid namespace '{table}'\n")
        return BAD_ARGUMENTS
    values = process.phone.settings[table]
    rest = [each for each in rest if each != ""]
    if verb == "list":
        process.out("".join(f"{name}={value}\n" for name, value in sorted(values.items())))
    elif not rest:
        process.err("Bad arguments\n")
        return BAD_ARGUMENTS
    elif verb == "get":
        process.out(values.get(rest[0], "null") + "\n")
    else:
        _alter(process, verb, table, rest)
    return 0


def _alter(process: Process, verb: str, table: str, rest: list[str]) -> None:
    values = process.phone.settings[table]
    if verb == "reset":
        process.phone.alter(f"settings reset {table}", " ".join(rest))
    elif verb == "put":
        values[rest[0]] = rest[1] if len(rest) > 1 else ""
        process.phone.note("change", f"settings put {table} {' '.join(rest)}")
    else:
        gone = values.pop(rest[0], None)
        process.out(f"Deleted {0 if gone is None else 1} rows\n")
        process.phone.note("change", f"settings delete {table} {rest[0]}")
