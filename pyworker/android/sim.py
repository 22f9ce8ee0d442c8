"""The SIM slots: what is in them, and which network they found. Values of several slots are divided by commas.

Whether a carrier locked the phone cannot be read; a slot that says its card is not allowed is a hint of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyworker.android import reads
from pyworker.findings import Finding, Unread
from pyworker.probes import DEEP, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations

SIM_STATES = frozenset(("UNKNOWN", "ABSENT", "PIN_REQUIRED", "PUK_REQUIRED", "NETWORK_LOCKED", "READY", "NOT_READY",
                        "PERM_DISABLED", "CARD_IO_ERROR", "CARD_RESTRICTED", "LOADED", "PRESENT"))
HINTS_OF_A_CARRIER_LOCK = frozenset(("NETWORK_LOCKED", "CARD_RESTRICTED"))

STATES = reads.property_witness("gsm.sim.state")
SIM_OPERATORS = reads.property_witness("gsm.sim.operator.alpha")
SIM_COUNTRIES = reads.property_witness("gsm.sim.operator.iso-country")
NETWORKS = reads.property_witness("gsm.operator.alpha")
ROAMING = reads.property_witness("gsm.operator.isroaming")
BASEBAND = reads.property_witness("gsm.version.baseband")
WITNESSES = (STATES, SIM_OPERATORS, SIM_COUNTRIES, NETWORKS, ROAMING, BASEBAND)


def _slots(seen: Observations, witness: Any) -> Any:
    text = seen.answer(witness)
    return text if isinstance(text, Unread) else [part.strip() for part in text.split(",")]


def sim_state(seen: Observations) -> Finding:
    states = _slots(seen, STATES)
    if not any([seen.heard(witness) for witness in WITNESSES]):
        return seen.cannot_tell(notes=("carrier_lock_is_not_readable",))
    if not isinstance(states, Unread):
        states = [state.lower() if state in SIM_STATES else "unknown" for state in states]
    hinted = seen[STATES] is not None and any(hint in str(seen[STATES]).split(",") for hint in HINTS_OF_A_CARRIER_LOCK)
    roaming = _slots(seen, ROAMING)
    return seen.gathers({
        "slots": states,
        "carriers": _slots(seen, SIM_OPERATORS),
        "countries": _slots(seen, SIM_COUNTRIES),
        "networks": _slots(seen, NETWORKS),
        "roaming": roaming if isinstance(roaming, Unread) else any(slot == "true" for slot in roaming),
        "baseband": BASEBAND,
        # A hint makes a lock likely; that there is none says nothing, as the phone may never have seen a foreign card.
        "carrier_lock_hint": True if hinted else Unread("not_exposed"),
    }, ("carrier_lock_is_not_readable",))


SIM_STATE = Probe("sim_state", DEEP, WITNESSES, sim_state)
