"""The page of everything that is ever asked is made from the gates, and is current."""

from pathlib import Path

from pyworker.catalogue import page

ROOT = Path(__file__).parent.parent.parent


def test_the_page_in_docs_is_current():
    current = (ROOT / "docs/reads.md").read_text("utf-8")
    assert current == page(), "python -m pyworker.catalogue > docs/reads.md"


def test_every_read_says_what_it_is_for():
    from pyworker.android import reads as android
    from pyworker.ios import reads as ios

    for read in (*ios.ALL, *android.ALL):
        assert read.why, read.source
