"""A small interpreter of Android's shell language, so that a virtual phone needs no mksh on the machine it runs on.

    grammar       text of a script -> tree; cursor, word_grammar, escapes: how it is read
    shell         runs the tree; words, patterns, braces, arithmetic: what words become; redirecting: descriptors
    builtins      the commands a shell answers itself; conditions: `[` and `[[`; printf: its format
    process       what the phone's own programs are given; descriptors: what they read and write
    signals       what ends a process early; endings: what leaves a part of a script early

What a real mksh prints and returns was measured with mksh R59; a test runs the same scripts through both where mksh is
installed.

Inside the interpreter text is one character a byte (latin-1), as a shell in the C locale sees it.
"""

from pyworker.virtual.android.mksh.descriptors import Sink, Source
from pyworker.virtual.android.mksh.shell import Shell
from pyworker.virtual.android.mksh.signals import Hangup, Signals

__all__ = ["Hangup", "Shell", "Signals", "Sink", "Source"]
