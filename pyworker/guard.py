"""Containment: what this process may do to the machine it runs on."""


class Uncontained(Exception):
    """A layer that was asked for cannot be put in force."""


def start(settings: object) -> None:
    pass


def seal(settings: object) -> None:
    pass


def tidy() -> None:
    pass


def level() -> "dict[str, object]":
    return {"hook": "off", "landlock_abi": None, "seccomp": False, "denials": 0}
