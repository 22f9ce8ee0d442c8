"""Any value a property list can hold, in both its forms."""

from __future__ import annotations

from datetime import datetime

from hypothesis import strategies as st

VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-2**63, 2**64 - 1), st.floats(allow_nan=False), st.binary(),
        st.text(st.characters(exclude_categories=("Cs", "Cc"))),
        st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda date: date.replace(microsecond=0, fold=0)),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(
        exclude_categories=("Cs", "Cc")), max_size=8), inner, max_size=4),
    max_leaves=20,
)
