"""Everything that is fuzzed, by name."""

from __future__ import annotations

from tests.fuzz import android_targets, iphone_targets, log_targets, report_targets, wire_targets
from tests.fuzz.target import Target


def targets() -> dict[str, Target]:
    return {
        **wire_targets.TARGETS,
        **iphone_targets.TARGETS,
        **android_targets.TARGETS,
        **log_targets.TARGETS,
        **report_targets.TARGETS,
    }
