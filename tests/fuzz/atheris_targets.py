"""Coverage-guided fuzzing of one target, for as long as one likes.

    python -m tests.fuzz.atheris_targets TARGET [CORPUS_FOLDER] [libFuzzer options, such as -max_total_time=3600]

Begins with the target's seeds and its regressions; inputs that reach new branches are kept in CORPUS_FOLDER, or in
the temporary folder. An input that makes it fail is written where libFuzzer's
-artifact_prefix says, by default tests/fuzz/regressions/TARGET/, where the tests will find it. Needs atheris
(`pip install atheris`), which is not among the test requirements: it has wheels for Linux only.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

REGRESSIONS = Path(__file__).parent / "regressions"
USAGE = "usage: python -m tests.fuzz.atheris_targets TARGET [CORPUS_FOLDER] [libFuzzer options]"


def main(arguments: list[str]) -> int:
    try:
        import atheris
    except ImportError:
        print("atheris is not installed: pip install atheris", file=sys.stderr)
        return 2
    # Only modules that are imported in here are watched for new branches.
    with atheris.instrument_imports(include=["protocol", "pyworker"]):
        from tests.fuzz.targets import targets

        known = targets()
        if not arguments or arguments[0] not in known:
            print(USAGE, "", "targets:", *(f"  {name}" for name in known), sep="\n", file=sys.stderr)
            return 2
        name, *options = arguments
        target = known[name]
        for seed in target.seeds:  # brings in what is imported late
            target.feed(seed)
    crashes = REGRESSIONS / name
    crashes.mkdir(parents=True, exist_ok=True)
    # What was found goes on from run to run.
    seeds = Path(tempfile.gettempdir(), f"pyworker-fuzz-{name}")
    seeds.mkdir(exist_ok=True)
    for number, seed in enumerate(target.seeds):
        (seeds / f"seed-{number}").write_bytes(seed)
    # The first folder is the one libFuzzer adds to: one's own, if one is named.
    options += [str(seeds), str(crashes), "-timeout=5"]
    if not any(option.startswith("-artifact_prefix=") for option in options):
        options.append(f"-artifact_prefix={crashes}/")

    def feed(data: bytes) -> None:
        target.feed(data)

    atheris.Setup([sys.argv[0], *options], feed)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
