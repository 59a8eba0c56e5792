"""The staff's pages of the nights, full of what they may hold: axe finds nothing, nothing is cut off on a phone."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from families.models import User
from ledger import clock
from siecle_sync.models import HeldLine, MassChange, RunState
from tests import factories
from tests.admin.nights import MORNING, NIGHT, TWO_O_CLOCK, a_line, a_part, a_run, of_school
from tests.admin.world import BOTH, World, world
from tests.e2e.reader import Reader

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=BOTH)]


@pytest.fixture
def full() -> World:
    """Five weeks of nights, a failed one, one that goes on, lines refused, a line that waits, a change to confirm."""
    clock.freeze(MORNING)
    made = world()
    campaign, school = made.here.dossier.campaign, made.school
    for days in range(1, 30):
        state = RunState.FAILED if days == 6 else RunState.FINISHED
        a_run(campaign, night_on=NIGHT - timedelta(days=days), state=state, minutes=10 + days % 7)
    run = a_run(campaign, state=RunState.RUNNING)
    a_part(run, 1, uai_before="0690005A")
    a_part(run, 2, uai_from="0690005A", state="RUNNING", step="LOCKED", attempts=1, started_at=TWO_O_CLOCK)
    a_part(run, 3, state="FAILED", step="DEPOSITED", attempts=3, error="ExchangeFailed : Siècle ne répond pas.")
    failed = a_run(made.far.dossier.campaign, state=RunState.FAILED, error="OperationalError : x", minutes=50)
    of_school(failed, made.far.student.school)
    for way in ("OUT", "IN"):
        of_school(run, school, way)
    for number in range(60):
        of_school(run, f"07{number:05}Z", by_code={})
    a_line(run, school, eleve_id="777001", ine="000000001AA")
    dry = a_run(campaign, state=RunState.DRY)
    of_school(dry, school)
    a_change(made)
    return made


def a_change(made: World) -> MassChange:
    campaign, school = made.here.dossier.campaign, made.school
    opinion = [(factories.GT, "Favorable")]
    factories.statement(made.here, answers=opinion, published_at=MORNING - timedelta(days=1))
    payload = '{"answers": [{"pathway": "2GT", "series": "", "value": "Défavorable"}]}'
    told = {"phase": "PROVISIONAL", "division": "3 A", "eleve_id": str(made.here.student.siecle_id)}
    lines = [("STATEMENT", payload, "MASS_CHANGE"), ("COUNCIL", '{"event": "RESET"}', "MASS_CHANGE")]
    for seq, (kind, content, code) in enumerate([*lines, ("STATEMENT", "{}", "UNKNOWN_PUPIL")], 1):
        HeldLine.objects.create(
            campaign=campaign, uai=school.uai, seq=seq, code=code, since=TWO_O_CLOCK,
            line={**told, "kind": kind, "payload": content},
        )  # fmt: skip
    return MassChange.objects.create(
        campaign=campaign, uai=school.uai, up_to=9, standing=20, touched=19, found_at=TWO_O_CLOCK
    )


def pages_of(made: World) -> dict[str, Any]:
    campaign = made.here.dossier.campaign
    return {
        "siecle_sync_run_changelist": [],
        "siecle_sync_run_change": [campaign.runs.get(state=RunState.RUNNING).pk],
        "siecle_sync_runline_changelist": [],
        "siecle_sync_heldline_changelist": [],
        "siecle_sync_masschange_changelist": [],
        "siecle_sync_masschange_change": [MassChange.objects.get().pk],
        "night_report": [],
        "rehearsal": ["10"],
    }


def oversees() -> User:
    return factories.user(is_staff=True, is_superuser=True)


@pytest.mark.parametrize("name", ["siecle_sync_run_changelist", "siecle_sync_run_change", "night_report", "rehearsal"])
def test_a_page_of_the_nights_is_sound(name: str, reader: Reader, full: World) -> None:
    reader.reads(reverse(f"admin:{name}", args=pages_of(full)[name]), by=oversees())


@pytest.mark.parametrize("model", ["runline", "heldline", "masschange"])
def test_a_list_of_what_waits_is_sound(model: str, reader: Reader, full: World) -> None:
    reader.reads(reverse(f"admin:siecle_sync_{model}_changelist"), by=factories.staff(full.lyon, "ACADEMY"))


def test_the_pages_of_a_mass_change_are_sound_before_and_after(reader: Reader, full: World) -> None:
    [change] = pages_of(full)["siecle_sync_masschange_change"]
    where = reverse("admin:siecle_sync_masschange_change", args=[change])
    reader.reads(where, by=factories.staff(full.lyon, "ACADEMY"))
    reader.page.get_by_label("Motif").fill("Vu avec le collège")
    reader.page.get_by_label("J’ai vérifié").check()
    reader.checks(reader.presses("Refuser le changement"))
    assert MassChange.objects.get().verdict == "REFUSE"
