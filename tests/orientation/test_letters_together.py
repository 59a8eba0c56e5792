"""Letters written together are those that each would be alone, for as many questions as one (MAI-07)."""

from collections.abc import Callable
from random import Random
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfoNotFoundError

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from families.models import Guardianship, Representative, School
from ledger.mail import Letter
from ledger.models import LetterState, OutgoingEmail
from orientation import letters
from orientation.enums import Phase
from orientation.letters.addressing import envelopes_of
from orientation.models import Dossier
from orientation.reading import load_facts, load_many
from tests.factories import CAP, DURING_INTENTIONS, GT, PRO, Family
from tests.orientation.letter_box import enter, named_family
from tests.orientation.states import STATES, At

pytestmark = pytest.mark.django_db


@pytest.fixture
def everybody(at: At) -> list[OutgoingEmail]:
    """Families at every point of the year, some without an address or authority: all that was written to them."""
    for state in STATES[::2]:
        state.told(at)
    people = list(Representative.objects.order_by("pk"))
    Representative.objects.filter(pk__in=[one.pk for one in people[::7]]).update(email="")
    Guardianship.objects.filter(representative__in=people[3::11]).update(ended_on="2026-01-01")
    rows = list(OutgoingEmail.objects.order_by("dedup_key"))
    Random(5).shuffle(rows)
    assert len({row.kind for row in rows}) > 5 and len(rows) > 20
    return rows


def questions(asked: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        asked()
    return len(captured)


def told(written: Letter | Exception) -> Any:
    return written if isinstance(written, Letter) else (type(written), str(written))


def alone(row: OutgoingEmail) -> Letter | Exception:
    try:
        return letters.render(row)
    except Exception as why:
        return why


def test_the_facts_of_many_dossiers_are_those_of_each(everybody: list[OutgoingEmail]) -> None:
    dossiers = list(Dossier.objects.values_list("uuid", flat=True))
    together = load_many(dossiers)
    assert together == {one: load_facts(one) for one in dossiers}
    assert questions(lambda: load_many(dossiers)) == questions(lambda: load_many(dossiers[:1])) == 1


def test_letters_written_together_are_those_written_alone(everybody: list[OutgoingEmail]) -> None:
    together = list(letters.render_all(everybody))
    assert [row for row, _ in together] == everybody
    assert [told(written) for _, written in together] == [told(alone(row)) for row in everybody]
    assert {letters.NoAddress} < {type(written) for _, written in together}


def test_what_fifty_letters_ask_is_what_one_asks(everybody: list[OutgoingEmail]) -> None:
    recaps = [row for row in everybody if row.kind == "recap_author"]
    assert len(recaps) > 10
    assert questions(lambda: list(envelopes_of(everybody))) == questions(lambda: list(envelopes_of(recaps[:1])))
    assert questions(lambda: list(envelopes_of(recaps[:1]))) <= 6


def test_a_row_that_cannot_be_read_stops_no_other(everybody: list[OutgoingEmail]) -> None:
    """The facts of one dossier cannot be understood: nor can, then, those that were asked for with it."""
    good = {row.pk: told(written) for row, written in letters.render_all(everybody)}
    [broken, *_] = [row for row in everybody if row.kind == "recap_author"]
    School.objects.filter(students__dossiers__uuid=broken.dossier_uuid).update(own_timezone="Europe/Nulle_Part")
    spoiled = {row.pk: told(written) for row, written in letters.render_all(everybody)}
    nowhere = Dossier.objects.filter(student__school__own_timezone="Europe/Nulle_Part")
    there = set(nowhere.values_list("uuid", flat=True))
    for row in everybody:
        if row.dossier_uuid in there:
            assert spoiled[row.pk][0] is ZoneInfoNotFoundError
        else:
            assert spoiled[row.pk] == good[row.pk]
    assert 0 < len(there) < len({row.dossier_uuid for row in everybody})
    School.objects.filter(own_timezone="Europe/Nulle_Part").update(own_timezone="")


def test_a_dossier_that_is_not_there_stops_no_other(everybody: list[OutgoingEmail]) -> None:
    lost = OutgoingEmail(kind="recap_author", recipient_uuid=uuid4(), dossier_uuid=uuid4())
    nowhere = OutgoingEmail(kind="recap_author", recipient_uuid=uuid4(), dossier_uuid=None)
    written = [told(one) for _, one in letters.render_all([lost, *everybody[:5], nowhere])]
    assert [written[0][0].__name__, written[-1][0].__name__] == ["UnknownDossier", "UnknownDossier"]
    assert written[1:-1] == [told(alone(row)) for row in everybody[:5]]


def test_two_recaps_to_the_same_reader_follow_each_other(at: At) -> None:
    """The second says what changed since the first, though both waited together (MAI-01)."""
    at(DURING_INTENTIONS)
    family: Family = named_family(recap_when="VALIDATION")
    for choices in ((GT,), (PRO, CAP)):
        enter(family, family.mother, Phase.PROVISIONAL, *choices)
    waiting = list(OutgoingEmail.objects.filter(recipient_uuid=family.mother.uuid).order_by("created_at", "uuid"))
    waiting.sort(key=lambda row: row.about != family.dossier.submissions.get(version=1).uuid)
    first, second = map(letters.render, waiting)  # the second as if nothing had been sent
    written = []
    for row, letter in letters.render_all(waiting):
        written.append(letter)
        OutgoingEmail.objects.filter(pk=row.pk).update(state=LetterState.SENT, sent_at=DURING_INTENTIONS)
    assert len(waiting) == 2 and written[0] == first
    assert written[1] == letters.render(waiting[1]) != second
