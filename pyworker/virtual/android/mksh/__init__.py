"""A small interpreter of Android's shell language, so that a virtual phone needs no mksh on the machine it runs on.

grammar: text -> tree (cursor: where in the text; word_grammar: words; tree: what comes out). descriptors: what file
descriptors point to. signals: what ends a process early. words: expansion. shell: runs the tree. builtins: the commands a
shell answers itself (conditions: `[` and `[[`; printf: its format; escapes: backslashes). What a real mksh prints and
returns was measured with mksh R59; a test runs the same scripts through both where mksh is installed.

Inside the interpreter text is one character a byte (latin-1), as a shell in the C locale sees it.
"""

from pyworker.virtual.android.mksh.descriptors import Sink, Source
from pyworker.virtual.android.mksh.shell import Shell
from pyworker.virtual.android.mksh.signals import Hangup, Signals

__all__ = ["Hangup", "Shell", "Signals", "Sink", "Source"]
