"""`python -m pyworker`, and what the console script calls."""

from protocol import stdio

# Before anything else is imported: whatever an import prints must not reach the wire.
_TAKEN = stdio.take()

from pyworker.main import main as _main  # noqa: E402


def main() -> None:
    _main(_TAKEN)


if __name__ == "__main__":
    main()
