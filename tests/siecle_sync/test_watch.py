"""What operators are told of the nights: once each, through the real task and a real mail server (SIE-01)."""

import re
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings as project

from families.models import Academy
from ledger import clock
from ledger.models import OutgoingEmail
from orientation.models import Campaign
from siecle_sync import tasks
from siecle_sync.models import Direction, MassChange, NightAlert, Run, RunLine, RunPart, RunSchool
from siecle_sync.operators import ADVICE, Kind
from tests import factories
from tests.factories import DURING_INTENTIONS, Family
from tests.orientation.test_letters_journey import Sink
from tests.siecle_sync import world
from tests.siecle_sync.world import BOTH, FIRST_NIGHT

pytestmark = pytest.mark.django_db(databases=BOTH)
NIGHT = FIRST_NIGHT.date()
LATE = FIRST_NIGHT + timedelta(hours=3)  # five o'clock in Paris
SEVEN = FIRST_NIGHT + timedelta(hours=5)
REFUSED = {"read": 100, "accepted": 70, "created": 70, "rejected": 30, "changed": 0, "not_processed": 0, "unchanged": 0}


@pytest.fixture
def home() -> Family:
    clock.freeze(DURING_INTENTIONS)
    return factories.family()


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    end = Sink()
    server = Controller(end, hostname="127.0.0.1", port=port)
    server.start()
    settings.OPERATORS = ["astreinte@academie.invalid", "seconde@academie.invalid"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield end
    server.stop()


def watched(at: datetime) -> list[str]:
    clock.freeze(at)
    return tasks.watch_nights.apply(throw=True).get()


def run_of(of: Family, **values: Any) -> Run:
    said = {"night_on": NIGHT, "started_at": FIRST_NIGHT, "state": "RUNNING", **values}
    return Run.objects.create(academy=of.dossier.campaign.academy, campaign=of.dossier.campaign, **said)


def part_of(run: Run, **values: Any) -> RunPart:
    return RunPart.objects.create(run=run, number=1, **{"state": "RUNNING", "started_at": FIRST_NIGHT, **values})


# --- late -------------------------------------------------------------------------------------------------------------
def test_a_night_that_never_began_is_late_at_five_and_is_told_once(home: Family) -> None:
    assert watched(LATE - timedelta(minutes=1)) == []
    assert watched(LATE) == [f"NIGHT_LATE:10:{NIGHT}"]
    assert watched(LATE + timedelta(minutes=10)) == []


def test_a_night_that_is_not_finished_is_late_and_one_that_is_is_not(home: Family) -> None:
    run = run_of(home)
    part_of(run)
    assert watched(LATE - timedelta(minutes=61)) == []
    assert watched(LATE) == [f"NIGHT_LATE:10:{NIGHT}", f"PART_STUCK:{run.parts.get().pk}:0"]
    assert "0/1 lots" in NightAlert.objects.get(kind="NIGHT_LATE").text


def test_a_real_night_that_went_well_is_worth_the_morning_report_only(home: Family) -> None:
    world.enters(home)
    world.night(FIRST_NIGHT)
    assert watched(SEVEN) == [f"NIGHT_REPORT:{NIGHT}"]


def test_each_academie_is_late_by_its_own_clock(home: Family) -> None:
    far = factories.academy("28", name="La Réunion", timezone="Indian/Reunion")
    factories.family(of=factories.division(factories.school(academy=far)))
    assert watched(LATE - timedelta(hours=3)) == [f"NIGHT_LATE:28:{NIGHT}"]  # two o'clock in Paris


def test_an_academie_without_pupils_is_never_late() -> None:
    factories.campaign()
    assert (Academy.objects.count(), Campaign.objects.count()) == (1, 1)
    assert watched(SEVEN) == []


# --- failed, stuck ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("attempts", "told"), [(1, False), (2, True)])
def test_a_part_that_fails_again_is_told_and_a_first_failure_mends_itself(
    home: Family, attempts: int, told: bool
) -> None:
    run = run_of(home, state="FAILED")
    part_of(run, state="FAILED", attempts=attempts, error="ExchangeFailed : UNAVAILABLE")
    assert (watched(FIRST_NIGHT + timedelta(hours=1)) == [f"NIGHT_FAILED:10:{NIGHT}:{run.pk}"]) is told
    assert [one.text.endswith("UNAVAILABLE") for one in NightAlert.objects.all()] == [True] * told


def test_a_night_that_fails_before_its_parts_is_told_with_its_error(home: Family) -> None:
    run_of(home, state="FAILED", error="OperationalError : disque plein")
    watched(FIRST_NIGHT + timedelta(hours=1))
    assert "disque plein" in NightAlert.objects.get(kind="NIGHT_FAILED").text


def test_siecle_out_of_reach_is_told_after_the_second_try(home: Family, settings: Any) -> None:
    settings.SIECLE_BASE_URL = "http://127.0.0.1:1"
    world.night(FIRST_NIGHT)
    assert watched(FIRST_NIGHT) == []
    RunPart.objects.update(next_try_at=None)
    world.night(FIRST_NIGHT + timedelta(minutes=5))
    assert [key.split(":")[0] for key in watched(FIRST_NIGHT + timedelta(minutes=5))] == ["NIGHT_FAILED"]


def test_a_part_that_does_not_end_is_stuck_after_the_delay(home: Family, settings: Any) -> None:
    settings.NIGHT_ALERT_STUCK_MINUTES = 60
    part = part_of(run_of(home), attempts=3)
    assert watched(FIRST_NIGHT + timedelta(minutes=59)) == []
    assert watched(FIRST_NIGHT + timedelta(minutes=60)) == [f"PART_STUCK:{part.pk}:3"]


# --- refused, massive, unsent -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("least", "share", "told"), [(30, 0.29, True), (31, 0.29, False), (30, 0.3, False), (1, 0.5, False)]
)
def test_refused_lines_are_told_from_a_number_and_a_share(
    home: Family, settings: Any, least: int, share: float, told: bool
) -> None:
    settings.NIGHT_ALERT_REFUSED_LEAST, settings.NIGHT_ALERT_REFUSED_SHARE = least, share
    run = run_of(home)
    RunSchool.objects.create(
        run=run, uai=home.student.school.uai, direction=Direction.OUT, by_code={"UNKNOWN_PUPIL": 30}, **REFUSED
    )
    RunLine.objects.bulk_create(
        RunLine(run=run, uai=home.student.school.uai, direction=Direction.OUT, seq=seq, outcome="REJECTED")
        for seq in range(30)
    )
    assert (watched(FIRST_NIGHT) == [f"LINES_REFUSED:10:{NIGHT}:{run.pk}"]) is told
    if told:
        assert "30 refusées sur 100" in NightAlert.objects.get().text


def test_lines_refused_for_days_for_the_same_reason_are_told_once(home: Family, settings: Any) -> None:
    """Those that wait are counted in each night, and reported in the first only."""
    settings.NIGHT_ALERT_REFUSED_LEAST, settings.NIGHT_ALERT_REFUSED_SHARE = 30, 0.29
    uai = home.student.school.uai
    RunSchool.objects.create(run=run_of(home), uai=uai, direction=Direction.OUT, **REFUSED)
    assert watched(FIRST_NIGHT) == []


def test_a_mass_change_is_told_as_long_as_nobody_has_decided(home: Family) -> None:
    waiting = MassChange.objects.create(
        campaign=home.dossier.campaign, uai="0690001A", up_to=9, standing=40, touched=39, found_at=FIRST_NIGHT
    )
    head = factories.staff(home.student.school.academy, "ACADEMY")
    MassChange.objects.create(
        campaign=home.dossier.campaign, uai="0690002B", up_to=9, standing=40, touched=39, found_at=FIRST_NIGHT,
        verdict="TAKE", decided_at=FIRST_NIGHT, decided_by=head,
    )  # fmt: skip
    assert watched(FIRST_NIGHT) == [f"MASS_CHANGE:{waiting.pk}:{NIGHT}"]


def test_an_entry_that_siecle_has_not_taken_for_two_days_is_told_once_a_day(home: Family) -> None:
    world.enters(home)
    run_of(home, state="FINISHED", ended_at=FIRST_NIGHT)
    assert watched(LATE) == []
    for days in (1, 2):
        Run.objects.update(night_on=NIGHT + timedelta(days=days))
        assert watched(LATE + timedelta(days=days, minutes=-1)) == []
        keys = watched(LATE + timedelta(days=days))
        assert keys == ([] if days == 1 else [f"ENTRIES_UNSENT:10:{NIGHT + timedelta(days=2)}"])
    assert "1 saisies" in NightAlert.objects.get().text
    factories.accepted(home, home.dossier.submissions.get())
    Run.objects.update(night_on=NIGHT + timedelta(days=3))
    assert watched(LATE + timedelta(days=3)) == []


def test_an_entry_replaced_by_another_that_siecle_took_keeps_nobody_waiting(home: Family) -> None:
    world.enters(home)
    factories.accepted(home, world.enters(home, factories.CAP))
    run_of(home, state="FINISHED", ended_at=FIRST_NIGHT, night_on=NIGHT + timedelta(days=5))
    assert watched(LATE + timedelta(days=5)) == []


def test_what_the_school_typed_itself_is_never_waited_for(home: Family) -> None:
    factories.council(home, opened_at=DURING_INTENTIONS)
    factories.typed(home, "PROVISIONAL", factories.GT, at=DURING_INTENTIONS)
    run_of(home, state="FINISHED", ended_at=FIRST_NIGHT, night_on=NIGHT + timedelta(days=5))
    assert watched(LATE + timedelta(days=5)) == []


# --- letters ---------------------------------------------------------------------------------------------------------
def test_letters_set_aside_are_told_once_a_day_and_those_of_a_refused_address_never(home: Family) -> None:
    run_of(home, state="FINISHED", ended_at=FIRST_NIGHT)
    world.enters(home)
    rows = OutgoingEmail.objects.order_by("pk")
    rows.update(state="ASIDE", delivery="BOUNCED")
    assert watched(LATE) == []
    OutgoingEmail.objects.filter(pk=rows[0].pk).update(delivery="")
    told = f"LETTERS_ASIDE:10:{NIGHT}"
    assert watched(LATE + timedelta(minutes=10)) == [told]
    assert watched(LATE + timedelta(minutes=20)) == []
    assert NightAlert.objects.get(key=told).academy_id == "10"


# --- e-mails ----------------------------------------------------------------------------------------------------------
def test_each_operator_receives_one_letter_for_all_that_is_new_and_never_again(home: Family, sink: Sink) -> None:
    run_of(home, state="FAILED", error="OperationalError : disque plein")
    watched(LATE)
    bodies = [message.get_body(("plain",)).get_content() for _, _, message in sink.received]
    assert sink.taken() == [
        (address, "[ORIENTATION] 2 messages sur les nuits")
        for address in ("astreinte@academie.invalid", "seconde@academie.invalid")
    ]
    assert bodies[0] == bodies[1]
    for said in ("disque plein", "NIGHT_LATE", "NIGHT_FAILED", "docs/exploitation.md", "/admin/siecle_sync/run/"):
        assert said in bodies[0]
    watched(LATE + timedelta(minutes=10))
    assert sink.taken() == []


def test_the_morning_report_is_sent_once_at_seven_in_paris_with_every_academie(home: Family, sink: Sink) -> None:
    world.night(FIRST_NIGHT)
    watched(SEVEN - timedelta(minutes=1))
    assert sink.taken() == []
    watched(SEVEN)
    body = sink.received[0][2].get_body(("plain",)).get_content()
    assert "Académie de Lyon" in body and "Envoi" in body
    assert {subject for _, subject in sink.taken()} == {"[ORIENTATION] Le bilan du matin"}
    watched(SEVEN + timedelta(minutes=10))
    assert sink.taken() == []


def test_a_mail_server_that_is_down_leaves_the_alert_for_the_next_time(home: Family, sink: Sink, settings: Any) -> None:
    right, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    watched(LATE)
    assert NightAlert.objects.get().told_at is None
    settings.EMAIL_PORT = right
    assert watched(LATE + timedelta(minutes=10)) == []
    assert len(sink.taken()) == 2
    assert NightAlert.objects.get().told_at == LATE + timedelta(minutes=10)


def test_a_sandbox_never_writes_to_an_operator_who_could_exist(home: Family, sink: Sink, settings: Any) -> None:
    settings.SANDBOX, settings.OPERATORS = True, ["astreinte@academie.fr"]
    watched(LATE)
    assert (sink.taken(), NightAlert.objects.get().told_at) == ([], None)


# --- the document -----------------------------------------------------------------------------------------------------
def test_each_alert_has_its_advice_and_its_section_in_the_operators_document() -> None:
    told = (project.BASE_DIR / "docs" / "exploitation.md").read_text()
    titles = re.findall(r"^### (.+) \(`(\w+)`\)$", told, flags=re.MULTILINE)
    assert {code: title for title, code in titles} == {kind.value: kind.label for kind in Kind}
    assert set(ADVICE) == set(Kind)
