"""The end of retention: everything of a campaign goes, or nothing; what others have stays (ANS-09)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction

from ledger import clock
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from ledger.seals import seal_journal
from ledger.verification import Fault, verify
from orientation.actions import open_dossiers
from orientation.erasure import ErasureRefusal, ErasureRefused, erase, retention_ends
from orientation.models import Appeal, Campaign, Dossier, Extension, InvariantRun, Submission
from siecle_sync.models import HeldLine, RosterReceipt, Run, RunLine, SiecleImport, SiecleImportFile
from tests.factories import DURING_PROPOSALS, Family, academy, division, family, school, staff
from tests.orientation.test_database_walls import APPEND_ONLY
from tests.orientation.whole_year import whole_year

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]  # whole_year() writes what no rule would
LATER = datetime(2027, 9, 1, tzinfo=UTC)
OF_THE_CAMPAIGN = {"Campaign", "PhaseWindow", "Extension", "SchoolClosing", "ServiceSwitch", "SpecialtyOffer"}
STAYING = OF_THE_CAMPAIGN | {
    "ClassCouncil",
    "InvariantRun",
    "JournalEntry",
    "JournalSeal",
    "KeptFigures",
    "SandboxClock",
}


@pytest.fixture
def home() -> Family:
    return whole_year(appeal=False)


@pytest.fixture
def neighbour() -> Family:
    """The same, in another académie."""
    there = school(academy=academy("01", name="La Réunion", timezone="Indian/Reunion"))
    return whole_year(family(of=division(there), policies={"answered_by": "ALL"}), appeal=False)


def counts() -> dict[str, int]:
    tables = [
        one for name in ("orientation", "ledger", "siecle_sync") for one in apps.get_app_config(name).get_models()
    ]
    return {one.__name__: one._default_manager.count() for one in tables}


def erased(home: Family, **options: Any) -> Any:
    options = {"reason": "fin de conservation", "by": SYSTEM, **options}
    return erase(campaigns=[home.dossier.campaign], **options)[0]


def test_everything_under_the_dossiers_goes_and_one_line_stays(home: Family) -> None:
    clock.freeze(LATER)
    done = erased(home)
    left = counts()
    assert (done.dossiers, done.kept) == (1, 0)
    assert {name for name, count in left.items() if count} <= STAYING
    line = JournalEntry.objects.get(verb="campaign_erased")
    assert line.data["rows"] == done.rows
    assert line.data["rows"]["RankedChoice"] == 4
    assert (line.data["reason"], line.data["year"], line.data["dossiers"]) == ("fin de conservation", 2025, 1)
    assert not JournalEntry.objects.filter(dossier_uuid__isnull=False).exists()


def test_the_line_that_stays_names_nobody(home: Family) -> None:
    clock.freeze(LATER)
    erased(home)
    line = JournalEntry.objects.get(verb="campaign_erased")
    said = f"{line.actor_name} {line.actor_uuid} {line.dossier_uuid} {line.data}"
    people = [home.student, *home.parents]
    assert not any(str(word) in said for one in people for word in (one.uuid, one.first_name, one.family_name))
    assert str(home.dossier.uuid) not in said


def test_the_seals_still_hold_what_stays(home: Family, neighbour: Family) -> None:
    clock.freeze(LATER)
    seal_journal()
    before = [one.fault for one in verify()]  # the two years are told one after the other: their dates go back once
    done = erased(home)
    found = list(verify())
    assert [one.fault for one in found] == before == [None, Fault.DATED]
    assert sum(one.erased for one in found) == done.rows["JournalEntry"] > 0


def test_other_campaigns_keep_everything(home: Family, neighbour: Family) -> None:
    clock.freeze(LATER)
    own = {"choices": 4, "letters": OutgoingEmail.objects.filter(dossier_uuid=neighbour.dossier.uuid).count()}
    history = JournalEntry.objects.filter(dossier_uuid=neighbour.dossier.uuid).count()
    erased(home)
    assert Dossier.objects.get() == neighbour.dossier
    assert sum(one.choices.count() for one in neighbour.dossier.submissions.all()) == own["choices"]
    assert OutgoingEmail.objects.count() == own["letters"] > 0
    assert JournalEntry.objects.filter(dossier_uuid=neighbour.dossier.uuid).count() == history > 0


def test_a_later_campaign_of_the_same_pupil_keeps_everything(home: Family) -> None:
    clock.freeze(LATER)
    after = Campaign.objects.create(academy=home.dossier.campaign.academy, year=2026, level="3E")
    kept = Dossier.objects.create(campaign=after, student=home.student)
    erased(home)
    assert Dossier.objects.get() == kept


def test_the_walls_stand_again_on_the_same_connection(home: Family, neighbour: Family) -> None:
    clock.freeze(LATER)
    erased(home)
    tables = [one for name in ("orientation", "ledger") for one in apps.get_app_config(name).get_models()]
    for table in [
        one._meta.db_table for one in tables if one.__name__ in APPEND_ONLY and one._default_manager.exists()
    ]:
        with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
            connection.cursor().execute(f"DELETE FROM {table}")


def test_a_failure_midway_erases_nothing_and_the_walls_stand(home: Family, neighbour: Family) -> None:
    clock.freeze(LATER)
    pen = neighbour.dossier.pens.first()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("CREATE TABLE elsewhere (pen bigint REFERENCES orientation_pen)")
        cursor.execute("INSERT INTO elsewhere VALUES (%s)", [pen.pk])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    before = counts()
    both = [home.dossier.campaign, neighbour.dossier.campaign]
    with pytest.raises(IntegrityError):
        erase(campaigns=both, reason="fin de conservation", by=SYSTEM)
    assert counts() == before
    with pytest.raises(DatabaseError, match="pgtrigger: Cannot"), transaction.atomic():
        Submission.objects.filter(dossier=home.dossier).update(author_name="x")


def test_a_dry_run_counts_the_same_and_erases_nothing(home: Family) -> None:
    clock.freeze(LATER)
    before = counts()
    rehearsed = erased(home, dry_run=True)
    assert counts() == before
    assert rehearsed.rows == erased(home).rows


@pytest.mark.parametrize("held_by", ["an appeal filed", "a decision on appeal"])
def test_a_dossier_in_appeal_is_kept_until_told_otherwise(home: Family, held_by: str) -> None:
    clock.freeze(LATER)
    if held_by == "an appeal filed":
        Appeal.objects.create(
            dossier=home.dossier, filed_on=DURING_PROPOSALS.date(), at=DURING_PROPOSALS, by=home.mother.user
        )
    else:
        home.dossier.decisions.create(origin="APPEAL", at=DURING_PROPOSALS, siecle_ref="appeal")
    before = counts()
    done = erased(home)
    assert (done.dossiers, done.kept) == (0, 1)
    assert counts() == before | {"JournalEntry": before["JournalEntry"] + 1}
    assert erased(home, with_appeals=True).dossiers == 1
    assert not Submission.objects.exists()


def refusal(act: Callable[[], Any]) -> ErasureRefusal:
    with pytest.raises(ErasureRefused) as refused:
        act()
    return refused.value.code


def test_nothing_is_erased_a_second_before_the_end_of_retention(home: Family, settings: Any) -> None:
    ends = retention_ends(home.dossier.campaign)
    assert ends.isoformat() == "2027-09-01T00:00:00+02:00"
    clock.freeze(ends - timedelta(seconds=1))
    before = counts()
    assert refusal(lambda: erased(home)) == ErasureRefusal.TOO_EARLY
    assert counts() == before
    settings.RETENTION_MONTHS = 5
    assert retention_ends(home.dossier.campaign).isoformat() == "2027-02-01T00:00:00+01:00"
    assert erased(home).dossiers == 1


def test_one_campaign_too_young_spares_them_all(home: Family, neighbour: Family) -> None:
    """The neighbour's year ends two hours before, in La Réunion: at this instant ours is not over."""
    clock.freeze(retention_ends(neighbour.dossier.campaign))
    both = [neighbour.dossier.campaign, home.dossier.campaign]
    assert refusal(lambda: erase(campaigns=both, reason="fin", by=SYSTEM)) == ErasureRefusal.TOO_EARLY
    assert Dossier.objects.count() == 2


def test_nothing_is_erased_while_a_window_is_open(home: Family) -> None:
    clock.freeze(LATER)
    Extension.objects.create(
        campaign=home.dossier.campaign, phase="DEFINITIVE", kind="CONSULTATION", closes_at=LATER + timedelta(days=1),
        reason="recours", at=DURING_PROPOSALS, by=home.mother.user,
    )  # fmt: skip
    assert refusal(lambda: erased(home)) == ErasureRefusal.STILL_RUNNING


def test_nothing_is_erased_without_a_reason(home: Family) -> None:
    clock.freeze(LATER)
    assert refusal(lambda: erased(home, reason=" ")) == ErasureRefusal.NO_REASON


def test_what_was_erased_does_not_come_back_the_next_night(home: Family) -> None:
    clock.freeze(LATER)
    erased(home)
    assert open_dossiers(by=SYSTEM) == 0
    clock.freeze(retention_ends(home.dossier.campaign) - timedelta(hours=3))
    assert open_dossiers(by=SYSTEM) == 1


def test_past_inspections_forget_the_dossiers_erased(home: Family, neighbour: Family) -> None:
    both = [{"invariant": "INV-01", "dossier": str(one.dossier.uuid)} for one in (home, neighbour)]
    run = InvariantRun.objects.create(started_at=DURING_PROPOSALS, violations=both)
    clock.freeze(LATER)
    erased(home)
    run.refresh_from_db()
    assert run.violations == both[1:]


def command(*more: str) -> str:
    out = StringIO()
    call_command(
        "erase_campaign", "--year", "2025", "--level", "3E", "--reason", "fin de conservation", *more, stdout=out
    )
    return out.getvalue()


def test_the_command_erases_one_academie_or_all_with_the_lines_of_their_nights(home: Family, neighbour: Family) -> None:
    for one in (home, neighbour):
        run = Run.objects.create(
            campaign=one.dossier.campaign, academy=one.dossier.campaign.academy, night_on="2026-01-21",
            started_at=DURING_PROPOSALS,
        )  # fmt: skip
        RunLine.objects.create(run=run, direction="OUT", seq=1, kind="ENTRY", ref="x", ine=one.student.ine, code="x")
        HeldLine.objects.create(campaign=run.campaign, seq=1, line={"ine": one.student.ine}, since=DURING_PROPOSALS)
        RosterReceipt.objects.create(campaign=run.campaign, kind="PUPIL", uai="x", code="1", digest=1)
    clock.freeze(LATER)
    assert "1 dossiers à effacer" in command("--dry-run")
    assert Dossier.objects.count() == 2
    command("--academy", "10")
    assert Dossier.objects.get() == neighbour.dossier
    assert RunLine.objects.get().ine == neighbour.student.ine
    command()
    assert (Dossier.objects.count(), RunLine.objects.count(), Run.objects.count()) == (0, 0, 2)
    assert not HeldLine.objects.exists() and not RosterReceipt.objects.exists()


def test_the_reports_of_the_imports_of_that_year_go_too(home: Family, neighbour: Family) -> None:
    """They name pupils and parents. Those of another year, or of another académie, are not of this campaign."""
    here, there = home.student.school, neighbour.student.school
    for where, year in ((here, 2025), (here, 2026), (there, 2025)):
        made = SiecleImport.objects.create(
            school=where, year=year, state="DONE", by=home.mother.user, created_at=DURING_PROPOSALS,
            done_at=DURING_PROPOSALS, report={"anomalies": [{"sentence": home.student.full_name}]},
        )  # fmt: skip
        SiecleImportFile.objects.create(upload=made, name=f"{home.student.full_name}.xml", size=1, digest="x")
    clock.freeze(LATER)
    assert "SiecleImport : 1" in command("--academy", "10", "--dry-run")
    assert (SiecleImport.objects.count(), SiecleImportFile.objects.count()) == (3, 3)
    command("--academy", "10")
    kept = [(here.pk, 2026), (there.pk, 2025)]
    assert sorted(SiecleImport.objects.values_list("school", "year")) == sorted(kept)
    assert sorted(SiecleImportFile.objects.values_list("upload__school", "upload__year")) == sorted(kept)


def test_the_command_says_why_it_refuses(home: Family) -> None:
    clock.freeze(LATER - timedelta(days=30))
    with pytest.raises(CommandError, match="01/09/2027"):
        command()
    with pytest.raises(CommandError, match="Aucune campagne"):
        call_command("erase_campaign", "--year", "1999", "--level", "3E", "--reason", "x")


def test_the_role_of_the_service_cannot_erase(home: Family) -> None:
    clock.freeze(LATER)
    sql = StringIO()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE service_that_erases NOLOGIN")
        call_command("service_role", "service_that_erases", stdout=sql)
        cursor.execute(f"{sql.getvalue()} SET LOCAL ROLE service_that_erases")
        with pytest.raises(CommandError, match="propriétaire"):
            command()
        cursor.execute("RESET ROLE")
    assert Dossier.objects.exists()


def test_nobody_erases_from_the_admin(home: Family, client: Any) -> None:
    client.force_login(staff(home.student.school))
    assert client.post(f"/admin/orientation/dossier/{home.dossier.pk}/delete/").status_code in {403, 404, 405}
