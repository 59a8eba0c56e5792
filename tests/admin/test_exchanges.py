"""« Échanges avec Siècle » on the page of a dossier: where each line is, for the school and the académie (SIE-01)."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import clock
from siecle_sync import exchanges
from siecle_sync.exchanges import Fate
from siecle_sync.mock import desk, feed
from siecle_sync.mock.models import MockPupil
from siecle_sync.models import HeldLine, Run, RunLine, RunPart
from tests import factories
from tests.admin.world import BOTH, client_of, page
from tests.factories import CAP, DURING_INTENTIONS, GT, Family
from tests.siecle_sync import world
from tests.siecle_sync.world import FIRST_NIGHT, SECOND_NIGHT, until_opinions, until_proposals

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def home() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


def fates(of: Family) -> list[tuple[str, Fate]]:
    return [(one.what, one.fate) for one in exchanges.sent(of.dossier)]


def arrivals(of: Family) -> list[tuple[str, Fate]]:
    return [(one.what, one.fate) for one in exchanges.received(of.dossier)]


def run_of(of: Family, at: datetime = FIRST_NIGHT, **values: Any) -> Run:
    return Run.objects.create(
        academy_id="10", campaign=of.dossier.campaign, night_on=at.date(), started_at=at,
        **{"state": "FINISHED", **values},
    )  # fmt: skip


def line_of(of: Family, run: Run, direction: str, code: str, **values: Any) -> RunLine:
    pupil = of.student
    said = {"kind": "ENTRY", "ref": "x", "outcome": "REJECTED", "seq": 1, "sentence": "", **values}
    return RunLine.objects.create(
        run=run, direction=direction, uai=pupil.school.uai, eleve_id=str(pupil.siecle_id), code=code, **said
    )


def read(of: Family, user: Any = None) -> str:
    seen = page(client_of(user or factories.staff(of.student.school)), "orientation_dossier_change", of.dossier.pk)
    return seen.content.decode()


def test_an_act_waits_for_the_night_then_is_taken_and_the_page_says_when(home: Family) -> None:
    world.enters(home, GT)
    assert fates(home) == [(f"Intentions d’orientation, version 1 ({home.mother.full_name})", Fate.WAITING)]
    assert "pas encore transmis" in read(home)
    world.night(FIRST_NIGHT)
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN]
    assert "pris en compte par Siècle le mercredi 21 janvier 2026 à 2" in read(home)


def test_each_act_of_the_year_is_followed_both_ways(home: Family) -> None:
    until_proposals(home)
    proposed = world.published(home, "DEFINITIVE")
    clock.pretend(factories.DURING_PROPOSALS)
    world.answers(home, proposed.uuid, "ACCEPTED", ("2PRO", ""))
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN] * 3 + [Fate.WAITING] * 2
    world.night(factories.DURING_PROPOSALS + timedelta(hours=7))
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN] * 5
    assert [fate for _, fate in arrivals(home)] == [Fate.RECEIVED] * 2


def test_an_entry_left_aside_says_why(home: Family) -> None:
    world.enters(home, GT)
    world.night(FIRST_NIGHT)
    clock.pretend(FIRST_NIGHT + timedelta(hours=10))
    world.enters(home, CAP)
    desk.open_council(world.division(home), phase="PROVISIONAL")
    world.night(FIRST_NIGHT + timedelta(days=1))
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN, Fate.NOT_PROCESSED]
    assert "Le conseil de classe était déjà ouvert" in exchanges.sent(home.dossier)[1].sentence


def test_a_refusal_says_its_reason_until_siecle_takes_the_line(home: Family) -> None:
    made = world.enters(home, GT)
    for code in ("MALFORMED", "UNKNOWN_PUPIL"):
        line_of(home, run_of(home), "OUT", code, ref=str(made.uuid))
    assert [fate for _, fate in fates(home)] == [Fate.REJECTED]
    assert "Cet élève n’est pas connu dans cet établissement." in read(home)
    factories.accepted(home, made)
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN]


def test_a_rehearsal_says_nothing_of_what_happened(home: Family) -> None:
    made, dry = world.enters(home, GT), run_of(home, state="DRY")
    line_of(home, dry, "OUT", "UNKNOWN_PUPIL", ref=str(made.uuid))
    line_of(home, dry, "IN", "UNKNOWN_PUPIL", kind="STATEMENT")
    assert ([fate for _, fate in fates(home)], arrivals(home)) == ([Fate.WAITING], [])


@pytest.mark.parametrize(
    ("bounds", "fate"),
    [(("", ""), Fate.SENT), (("0999999Z", ""), Fate.WAITING), (("", "0000001A"), Fate.WAITING)],
)
def test_what_is_deposited_awaits_its_report(home: Family, bounds: tuple[str, str], fate: Fate) -> None:
    world.enters(home, GT)
    part = RunPart.objects.create(
        run=run_of(home, state="RUNNING"), number=1, uai_from=bounds[0], uai_before=bounds[1], state="RUNNING",
        started_at=FIRST_NIGHT, deposit="00000000-0000-4000-8000-000000000001",
    )  # fmt: skip
    assert [one for _, one in fates(home)] == [fate]
    clock.pretend(FIRST_NIGHT + timedelta(hours=8))
    world.enters(home, CAP)  # after the lines were chosen
    assert [one for _, one in fates(home)] == [fate, Fate.WAITING]
    Run.objects.filter(pk=part.run_id).update(state="FAILED")  # another night took over
    assert Fate.SENT not in [one for _, one in fates(home)]
    Run.objects.filter(pk=part.run_id).update(state="RUNNING")
    RunPart.objects.filter(pk=part.pk).update(counters={"out": {}})
    assert Fate.SENT not in [one for _, one in fates(home)]


def test_a_line_of_siecle_about_this_pupil_is_refused_held_or_left_aside_with_its_reason(home: Family) -> None:
    twin = factories.sibling(home)
    run = run_of(home)
    line_of(home, run, "IN", "NOT_PROPOSED", kind="SCHOOL_ANSWER", ref="a", seq=1)
    line_of(home, run, "IN", "SAME_LIST", kind="SCHOOL_CHANGE", ref="b", seq=2, outcome="UNCHANGED")
    line_of(home, run, "IN", "UNKNOWN_VALUE", kind="STATEMENT", ref="c", seq=3)
    HeldLine.objects.create(
        campaign=home.dossier.campaign, seq=3, uai=home.student.school.uai, code="UNKNOWN_VALUE", since=FIRST_NIGHT,
        line={"kind": "STATEMENT", "ref": "c", "eleve_id": str(home.student.siecle_id)},
    )  # fmt: skip
    assert arrivals(home) == [
        ("Réponse du conseil de classe", Fate.HELD),
        ("Réponse enregistrée par l’établissement", Fate.REJECTED),
        ("Demande modifiée par l’établissement", Fate.ASIDE),
    ]
    assert arrivals(twin) == []
    assert "Depuis le mercredi 21 janvier 2026" in read(home)


def test_the_last_refusal_of_a_line_counts_and_none_once_it_is_taken(home: Family) -> None:
    until_opinions(home)
    statement = world.published(home)
    line_of(home, run_of(home), "IN", "UNKNOWN_PUPIL", kind="STATEMENT", ref=statement.siecle_ref, seq=7)
    assert arrivals(home) == [("Réponse du conseil de classe, intentions d’orientation, version 1", Fate.RECEIVED)]
    for night, code in ((FIRST_NIGHT, "UNKNOWN_PUPIL"), (SECOND_NIGHT, "UNKNOWN_VALUE")):
        line_of(home, run_of(home, night), "IN", code, kind="STATEMENT", ref="other", seq=8)
    last = exchanges.received(home.dossier)[-1]
    assert (last.fate, "3 mars 2026" in last.sentence) == (Fate.REJECTED, True)


def test_a_pupil_whom_siecle_does_not_know_is_refused_by_a_real_night_and_taken_by_the_next(home: Family) -> None:
    world.night(FIRST_NIGHT)
    MockPupil.objects.update(eleve_id=999_999)
    world.enters(home, GT)
    world.night(FIRST_NIGHT + timedelta(days=1))
    assert [fate for _, fate in fates(home)] == [Fate.REJECTED]
    world.night(FIRST_NIGHT + timedelta(days=2))
    assert [fate for _, fate in fates(home)] == [Fate.TAKEN]


def test_an_opinion_that_comes_before_its_council_waits_on_the_page_until_the_council_opens(home: Family) -> None:
    world.night(FIRST_NIGHT)
    payload = {"submission_ref": None, "answers": [{"pathway": "2GT", "value": "Favorable", "requested": True}]}
    feed.tell_pupil("STATEMENT", world.pupil(home), phase="PROVISIONAL", at=clock.now(), payload=payload)
    world.night(FIRST_NIGHT + timedelta(days=1))
    assert arrivals(home) == [("Réponse du conseil de classe", Fate.HELD)]
    assert "Le conseil de classe de la division n’est pas ouvert." in read(home)
    world.opens(home)
    world.night(SECOND_NIGHT)
    assert [fate for _, fate in arrivals(home)] == [Fate.RECEIVED]


def test_the_academie_reads_it_too_and_it_costs_the_same_however_long(home: Family) -> None:
    until_opinions(home)
    other = factories.family(of=home.student.division)
    academy = client_of(factories.staff(home.student.school.academy, "ACADEMY"))
    costs = []
    for one in (other, home):
        page(academy, "orientation_dossier_change", one.dossier.pk)
        with CaptureQueriesContext(connection) as asked:
            assert b"Siecle" not in page(academy, "orientation_dossier_change", one.dossier.pk).content
        costs.append(len(asked))
    assert costs[0] == costs[1]
