"""The Android commands of a phone, answered from its description: getprop, settings, dumpsys, pm, logcat, id …

A command whose exact text is in `phone.outputs` never gets here. What would alter a real phone alters this one (settings,
packages, properties, files, `altered`) and is recorded as a change. Texts and statuses follow AOSP's command line tools.

table: names -> commands, by Android version. properties, settings, packages, system_services: what is kept in a part of
the phone. controls: tools that would alter it. users: who runs the command.
"""

from pyworker.virtual.android.commands.table import ONLY_WHERE_DESCRIBED, programs

__all__ = ["ONLY_WHERE_DESCRIBED", "programs"]
