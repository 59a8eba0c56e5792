"""How a night is cut between workers, and from which line each part reads on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siecle_sync.partition import EVERYTHING, Range, split, until, without

UAIS = st.lists(st.from_regex(r"[0-9]{7}[A-Z]", fullmatch=True), unique=True, max_size=12)
SCHOOLS = UAIS.flatmap(lambda names: st.tuples(*(st.tuples(st.just(name), st.integers(1, 900)) for name in names)))


def holds(where: Range, uai: str) -> bool:
    return uai >= where.first and (not where.before or uai < where.before)


@given(schools=SCHOOLS, most=st.integers(1, 2000), other=st.text("0123456789ABC", max_size=8))
def test_every_school_even_unknown_is_in_one_part_and_parts_are_small_where_schools_are(schools, most, other):
    parts = split(schools, most=most)
    for uai in [*(uai for uai, _ in schools), other]:
        assert sum(holds(part, uai) for part in parts) == 1
    for part in parts:
        inside = [pupils for uai, pupils in schools if holds(part, uai)]
        assert sum(inside) <= most or len(inside) == 1


@given(one=st.tuples(*[st.text("01", max_size=2)] * 2), held=st.tuples(*[st.text("01", max_size=2)] * 2))
def test_what_is_left_of_a_range_is_what_the_other_does_not_hold(one, held):
    first, second = Range(*one), Range(*held)
    points = [a + b + c for a in ("", "0", "1") for b in ("", "0", "1") for c in ("", "0", "1")]
    if (first.before and first.first >= first.before) or (second.before and second.first >= second.before):
        return  # not ranges
    left = without(first, second)
    for point in points:
        assert any(holds(piece, point) for piece in left) == (holds(first, point) and not holds(second, point))


@pytest.mark.parametrize(
    ("wanted", "parts", "cursor"),
    [
        (EVERYTHING, [], 0),
        (EVERYTHING, [(EVERYTHING, 7)], 7),
        (EVERYTHING, [(Range("", "B"), 9)], 0),  # nobody has ever taken the schools from B on
        (EVERYTHING, [(Range("", "B"), 9), (Range("B", ""), 8), (EVERYTHING, 3)], 8),
        (EVERYTHING, [(Range("", "B"), 9), (EVERYTHING, 3)], 3),  # from B on, the last night failed
        (Range("", "B"), [(Range("", "B"), 9), (EVERYTHING, 3)], 9),
        (Range("A", "C"), [(Range("B", ""), 9), (Range("", "B"), 5)], 5),  # other bounds than last night's
    ],
)
def test_a_part_reads_on_from_the_least_of_what_each_of_its_schools_has_had(wanted, parts, cursor):
    assert until([wanted], iter(parts)) == cursor
