"""`policy.get`: what this worker will and will not do, as a page shows it."""

from pyworker import guard
from pyworker.methods import METHODS
from pyworker.policy import MODES, allowed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pyworker.call import Call


def policy(call: "Call") -> "dict[str, object]":
    """{"ceiling", "modes": {mode: [method names]}, "containment": {...}}"""
    return {
        "ceiling": call.settings.policy_mode,
        "modes": {
            mode: [method.name for method in METHODS.values() if method.capability in allowed(mode)] for mode in MODES
        },
        "containment": guard.level(),
    }
