"""What the phone was sold as: region, model number, the A-number of its papers, and as what kind of unit.

The model number is ModelNumber with RegionInfo behind it (MLPG3 + LL/A). Its first letter tells how the unit was
sold: M at retail, F refurbished by Apple, N as a replacement, P with an engraving.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pyworker.findings import Finding, Unread
from pyworker.ios import reads
from pyworker.ios.plist import text
from pyworker.ios.reads import SESSION, told
from pyworker.probes import DEEP, Probe

if TYPE_CHECKING:
    from pyworker.probes import Observations

UNIT_KINDS = {"M": "retail", "F": "refurbished", "N": "replacement", "P": "personalised"}
# Letters and digits, five or more: what else stands there is no order number.
_ORDER_NUMBER = re.compile(r"([MFNP])[A-Z0-9]{4,}")

MODEL_NUMBER = reads.member_as(reads.ALL_VALUES, "ModelNumber", text)
REGION = reads.member_as(reads.ALL_VALUES, "RegionInfo", text)
REGULATORY_MODEL = reads.member_as(reads.DEVICE_TREE, "regulatory-model-number", text)


def regulatory(seen: Observations) -> Finding:
    number, region = told(seen, MODEL_NUMBER), told(seen, REGION)
    return seen.gathers({
        "region": region,
        "model_number": number if isinstance(number, Unread) else number + (region if isinstance(region, str) else ""),
        "regulatory_model": seen.answer(REGULATORY_MODEL),
        "unit_kind": number if isinstance(number, Unread) else _unit_kind(number),
    })


def _unit_kind(number: str) -> Any:
    found = _ORDER_NUMBER.fullmatch(number)
    return UNIT_KINDS[found.group(1)] if found is not None else Unread("unreadable")


PROBES = (Probe("regulatory", DEEP, (MODEL_NUMBER, REGION, REGULATORY_MODEL, SESSION), regulatory),)
