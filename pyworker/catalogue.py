"""`python -m pyworker.catalogue`: everything the worker can ever ask a phone, as a page (docs/reads.md).

Made from the gates and the catalogues of reads themselves; a test fails when the page is not current.
"""

from __future__ import annotations

import sys

from pyworker.android import gate as android_gate
from pyworker.ios import gate as ios_gate
from pyworker.ios import reads as ios_reads

HEAD = """\
# Everything that is ever asked of a phone

Made by `python -m pyworker.catalogue`. What is not on these lists is not sent: a gate under every transport refuses it.
Nothing that a request to the worker contains becomes part of a question.
"""


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def page() -> str:
    parts = [
        HEAD,
        "## iPhone and iPad: what each reading is for\n",
        table(("read", "why"), [(_code(read.source), read.why) for read in ios_reads.ALL]),
        "\n## iPhone and iPad: every message the gate lets through\n",
        table(
            ("to", "message", "with", "why"),
            [(_code(row.receiver), _code(row.request), row.limits, row.why) for row in ios_gate.listing()],
        ),
        "\n## Android: every request and command the gate lets through\n",
        table(("to", "text", "why"), [(row.to, _code(row.what), row.why) for row in android_gate.listing()]),
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
