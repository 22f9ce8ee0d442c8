"""Coverage-guided fuzzing of one target, for as long as one likes: `python -m tests.fuzz.guided TARGET [libFuzzer options]`.

Needs atheris, which is not among the test requirements: it has wheels for Linux only.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]


def main() -> None:
    import atheris

    from tests.fuzz.targets import targets

    with atheris.instrument_imports():
        target = targets()[sys.argv.pop(1)]
        target.feed(target.seeds[0])
    atheris.Setup(sys.argv, target.feed)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
