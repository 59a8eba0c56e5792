"""A second recap says what has changed since the last one that was sent to the same reader (MAI-01)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from families.models import Representative
from ledger.models import Delivery, LetterState, OutgoingEmail
from orientation import letters
from orientation.actions import release_pen
from orientation.enums import Phase
from orientation.models import Submission
from orientation.pathways import Choice
from tests.factories import CAP, DURING_INTENTIONS, GT, PRO, Family, actor
from tests.orientation.letter_box import enter, letter, matches_snapshot, named_family

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
PROVISIONAL = Phase.PROVISIONAL
SINCE = "Depuis notre dernier récapitulatif"


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return named_family()


def sent(entry: Submission, *to: Representative, **values: object) -> None:
    """The recap of this entry left, to these readers or to everybody."""
    rows = OutgoingEmail.objects.filter(about=entry.uuid)
    rows = rows.filter(recipient_uuid__in=[one.uuid for one in to]) if to else rows
    rows.update(**{"state": LetterState.SENT, "sent_at": entry.submitted_at, **values})


def enters(family: Family, *choices: Choice, day: int, at: At, by: Representative | None = None) -> Submission:
    at(DURING_INTENTIONS + timedelta(days=day))
    return enter(family, by or family.mother, PROVISIONAL, *choices)


def test_the_second_recap_says_what_changed_since_the_first(family: Family, at: At) -> None:
    sent(enters(family, GT, PRO, day=0, at=at))
    enters(family, Choice("2PRO", free_text="Mode"), CAP, day=1, at=at)
    matches_snapshot(letter("recap_author", family.mother), "recap_again_author")
    matches_snapshot(letter("recap_other", family.father), "recap_again_other")


def test_changed_and_changed_back_is_the_same_list_again(family: Family, at: At) -> None:
    sent(enters(family, GT, PRO, day=0, at=at))
    enters(family, CAP, day=1, at=at)  # its recap never left
    enters(family, GT, PRO, day=2, at=at)
    assert "Vous avez validé de nouveau la même liste." in letter("recap_author", family.mother).text
    assert "Awa Diallo a validé de nouveau la même liste." in letter("recap_other", family.father).text


def test_it_compares_with_the_last_one_sent(family: Family, at: At) -> None:
    sent(enters(family, GT, day=0, at=at))
    sent(enters(family, GT, PRO, day=1, at=at))
    enters(family, GT, PRO, CAP, day=2, at=at)
    told = letter("recap_author", family.mother).text.split(SINCE)[1].split("Votre liste")[0]
    assert "1re année de CAP" in told and "2de professionnelle" not in told


@pytest.mark.parametrize(
    "became",
    [
        {"state": LetterState.READY, "sent_at": None},
        {"state": LetterState.NO_ADDRESS},
        {"delivery": Delivery.BOUNCED},
        {"delivery": Delivery.REJECTED},
    ],
)
def test_it_never_compares_with_a_recap_that_did_not_arrive(family: Family, at: At, became: dict[str, object]) -> None:
    sent(enters(family, GT, day=0, at=at), **became)
    enters(family, GT, PRO, day=1, at=at)
    assert SINCE not in letter("recap_author", family.mother).text


def test_each_reader_has_their_own_last_recap(family: Family, at: At) -> None:
    sent(enters(family, GT, day=0, at=at), family.mother)
    enters(family, GT, PRO, day=1, at=at)
    assert SINCE in letter("recap_author", family.mother).text
    assert SINCE not in letter("recap_other", family.father).text


def test_a_recap_that_leaves_late_is_not_compared_with_a_later_one(family: Family, at: At) -> None:
    first = enters(family, GT, day=0, at=at)
    sent(enters(family, GT, PRO, day=1, at=at))
    late = OutgoingEmail.objects.get(kind="recap_author", about=first.uuid)
    assert SINCE not in letters.render(late).text


def test_the_former_list_of_another_person_is_said_to_be_theirs(family: Family, at: At) -> None:
    sent(enters(family, GT, day=0, at=at))
    release_pen(dossier=family.dossier.uuid, phase=PROVISIONAL, reason="désaccord", by=actor(family.mother))
    enters(family, GT, PRO, day=1, at=at, by=family.father)
    assert "la liste validée par Awa Diallo" in letter("recap_author", family.father).text
    assert "la liste validée par vous" in letter("recap_other", family.mother).text
