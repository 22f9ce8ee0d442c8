"""What may be asked for: the parent's policy, mirrored. The worker can narrow it and never widen it.

The ceiling is fixed on the command line. A request may name a narrower mode for itself; the narrower of the two
holds; naming a wider one is refused, so that a parent that believes it has more learns that it has not.
"""

from pyworker.errors import failure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Narrow to wide. Each mode allows the capabilities of its own and all before it.
MODES = ("blocked", "basic", "public")

# What each mode adds, by the capability a method asks for.
CAPABILITIES = {
    "blocked": ("control",),
    "basic": ("list", "inspect_basic"),
    "public": ("inspect_deep", "logs", "report"),
}


def allowed(mode: str) -> "frozenset[str]":
    """All capabilities of a mode."""
    upto = MODES[: MODES.index(mode) + 1]
    return frozenset(capability for each in upto for capability in CAPABILITIES[each])


_ALLOWED = {mode: allowed(mode) for mode in MODES}


def demand(capability: str, ceiling: str) -> None:
    """Raise policy_denied unless the ceiling allows it."""
    if capability not in _ALLOWED[ceiling]:
        raise failure("policy_denied", f"the worker was started with policy mode {ceiling!r}")


def demand_within(capability: str, ceiling: str, named: "Any") -> None:
    """The same for a request that names a mode of its own."""
    if named is None:
        return
    if MODES.index(named) > MODES.index(ceiling):
        raise failure("policy_denied", f"{named!r} is wider than the worker's {ceiling!r}")
    if capability not in _ALLOWED[named]:
        raise failure("policy_denied", f"the request limits itself to {named!r}")
