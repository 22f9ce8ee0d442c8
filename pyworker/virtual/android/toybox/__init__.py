"""The general tools of a phone (toolbox, and toybox since Android 6), as far as scripts sent over adb use them.

Each is `(process) -> status`. Texts and statuses follow toybox; files are the virtual phone's own tree.

table: names -> tools. command_line, contents: what a tool is given, as options and as bytes. grep, lines, portions:
text that passes through. listing: what is in the tree. altering: what changes it. processes: tools that start others.
saying: the rest, which only print.
"""

from pyworker.virtual.android.toybox.table import TOOLBOX, TOOLS, Program

__all__ = ["TOOLBOX", "TOOLS", "Program"]
