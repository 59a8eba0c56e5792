"""The nightly check of the dossiers, kept, and who reads what of it (ANS-09, ACC-06)."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from families.models import User
from orientation.inspection import inspect
from orientation.models import InvariantRun
from orientation.tasks import inspect_dossiers
from tests.factories import DURING_INTENTIONS, GT, Family, academy, division, family, school, staff
from tests.orientation.invariant_stories import enters, rewrite

pytestmark = [pytest.mark.django_db, pytest.mark.corrupts]
RENAMED = "UPDATE orientation_rankedchoice SET pathway = '1BTMUS'"


@pytest.fixture
def two_schools(at: Any) -> tuple[Family, Family]:
    """Each with a sound entry, in two académies."""
    at(DURING_INTENTIONS)
    here = family()
    there = family(of=division(school(academy=academy("13", name="Grenoble"))))
    for one in (here, there):
        enters(one, "PROVISIONAL", GT)
    return here, there


def page(user: User, run: InvariantRun) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:orientation_invariantrun_change", args=[run.pk])).content.decode()


def listed(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get(reverse("admin:orientation_invariantrun_changelist")).content.decode()


def link(of: Family) -> str:
    return reverse("admin:orientation_dossier_change", args=[of.dossier.pk])


def test_a_sound_morning_keeps_a_run_without_any_offence(two_schools: tuple[Family, Family]) -> None:
    assert inspect_dossiers() == 0
    run = InvariantRun.objects.get()
    assert (run.dossiers, run.violations) == (2, [])
    assert run.started_at <= run.ended_at
    assert "Aucun écart" in page(User.objects.create_superuser("admin"), run)


def test_offences_are_kept_with_their_dossier(two_schools: tuple[Family, Family]) -> None:
    rewrite(RENAMED)
    run = inspect()
    told = {(one["invariant"], one["dossier"]) for one in run.violations}
    assert told == {("INV-07", str(one.dossier.uuid)) for one in two_schools}


def test_each_school_and_academie_reads_its_own_dossiers_only(two_schools: tuple[Family, Family]) -> None:
    here, there = two_schools
    rewrite(RENAMED)
    run = inspect()
    both = page(User.objects.create_superuser("admin"), run)
    assert link(here) in both and link(there) in both
    for reader in (staff(here.student.school, "READER"), staff(here.student.school.academy, "ACADEMY")):
        mine = page(reader, run)
        assert link(here) in mine
        assert link(there) not in mine
        assert str(there.dossier.uuid) not in mine


def test_the_list_counts_what_the_reader_may_read(two_schools: tuple[Family, Family]) -> None:
    here, _ = two_schools
    rewrite(RENAMED)
    inspect()
    assert '<td class="field-found">2</td>' in listed(User.objects.create_superuser("admin"))
    assert '<td class="field-found">1</td>' in listed(staff(here.student.school))
    assert '<td class="field-found">aucun</td>' in listed(staff(school()))


def test_an_offence_without_a_dossier_is_for_the_administrator(two_schools: tuple[Family, Family]) -> None:
    here, _ = two_schools
    rewrite(
        "INSERT INTO orientation_classcouncil (uuid, campaign_id, division_id, phase, opened_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'PROVISIONAL', '2026-03-01T12:00Z')",
        here.dossier.campaign_id, here.student.division_id,
    )  # fmt: skip
    run = inspect()
    assert [(one["invariant"], one["dossier"]) for one in run.violations] == [("INV-66", None)]
    assert "INV-66" in page(User.objects.create_superuser("admin"), run)
    assert "INV-66" not in page(staff(here.student.school), run)


def test_a_check_that_failed_is_seen_as_unfinished() -> None:
    InvariantRun.objects.create(started_at=DURING_INTENTIONS)
    assert "inachevé" in listed(User.objects.create_superuser("admin"))


def test_nobody_writes_a_run(two_schools: tuple[Family, Family]) -> None:
    run, client = inspect(), Client()
    client.force_login(User.objects.create_superuser("admin"))
    assert client.post(reverse("admin:orientation_invariantrun_change", args=[run.pk]), {}).status_code == 403
