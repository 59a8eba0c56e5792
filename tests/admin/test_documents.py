"""The documents of a school: whose, of whom, and that they are readable aloud (SIE-09, DOC-01, ACC-06)."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger import clock
from orientation.actions import set_closing
from orientation.admin.documents import divisions_to_print, flyer_of, printed_dossiers
from orientation.admin.school_life import school_life
from orientation.dates import day, last_moment, moment
from orientation.documents.attestation import attestation
from orientation.documents.flyer import Flyer
from orientation.documents.words import where
from orientation.enums import Phase
from orientation.models import ClassCouncil, Dossier
from orientation.reading import load_facts
from tests import factories
from tests.admin.world import BOTH, World, client_of, page, world
from tests.factories import CHOICES_CLOSE, CHOICES_OPEN, DURING_INTENTIONS, Family
from tests.orientation import contested
from tests.orientation.states import At
from tests.orientation.test_documents import assert_readable

pytestmark = pytest.mark.django_db(databases=BOTH)


@pytest.fixture
def here(at: At) -> World:
    at(DURING_INTENTIONS)
    return world()


def head(of: Family, role: str = "READER") -> Client:
    return client_of(factories.staff(of.student.school, role))


def addresses(of: Family) -> list[tuple[str, list[Any]]]:
    school, campaign = of.student.school.pk, of.dossier.campaign_id
    return [
        ("school_documents", [school]),
        ("school_sheets", [school, of.student.division_id]),
        ("school_flyer", [school, campaign, "PROVISIONAL"]),
        ("dossier_documents", [of.dossier.pk]),
        ("dossier_sheet", [of.dossier.pk]),
        ("dossier_appeal_form", [of.dossier.pk]),
    ]


def statuses(client: Client, of: Family) -> set[int]:
    return {page(client, name, *path).status_code for name, path in addresses(of)}


# --- whose ------------------------------------------------------------------------------------------------------------
def test_each_school_reads_its_own_documents_and_no_other_s(here: World) -> None:
    contested.decided(here.here, clock.freeze)
    assert statuses(head(here.here), here.here) == {200}
    assert statuses(client_of(factories.staff(here.lyon, "ACADEMY")), here.here) == {200}
    for other in (here.neighbour, here.far):
        assert statuses(head(here.here), other) == {404}
    assert statuses(client_of(factories.staff(here.lyon, "ACADEMY")), here.far) == {404}


def test_a_division_or_a_campaign_of_another_school_is_not_found(here: World) -> None:
    client, school = head(here.here), here.school.pk
    assert page(client, "school_sheets", school, here.neighbour.student.division_id).status_code == 404
    assert page(client, "school_flyer", school, here.far.dossier.campaign_id, "PROVISIONAL").status_code == 404
    assert page(client, "school_flyer", school, here.here.dossier.campaign_id, "AUTRE").status_code == 404


# --- of whom ----------------------------------------------------------------------------------------------------------
def test_a_division_is_printed_in_the_order_of_names_without_who_has_left(here: World) -> None:
    division = here.here.student.division
    first = factories.family(of=division, family_name="Abel")
    factories.leaves(factories.family(of=division))
    factories.family(of=factories.division(here.school, "3 B"))
    assert printed_dossiers(division) == [first.dossier, here.here.dossier]
    assert [(one.code, one.pupils) for one in divisions_to_print(here.school)] == [("3 A", 2), ("3 B", 1)]
    response = page(head(here.here), "school_sheets", here.school.pk, division.pk)
    assert_readable(response)
    assert len(re.findall(rb"/Type ?/Page\b", response.content)) >= 2


def test_a_whole_division_costs_the_queries_of_one_pupil(here: World) -> None:
    client, division = head(here.here), here.here.student.division

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert page(client, "school_sheets", here.school.pk, division.pk).status_code == 200
        return len(captured)

    cost()
    one = cost()
    for _ in range(5):
        factories.family(of=division)
    assert cost() == one


def test_the_documents_of_a_pupil_and_the_flyers_are_readable_aloud(here: World) -> None:
    contested.decided(here.here, clock.freeze)
    client = head(here.here)
    for name, path in addresses(here.here):
        if name not in {"school_documents", "dossier_documents"}:
            assert_readable(page(client, name, *path))


def test_without_a_decision_to_appeal_the_form_leads_back_to_the_dossier(here: World) -> None:
    response = page(head(here.here), "dossier_appeal_form", here.here.dossier.pk)
    assert response.status_code == 302
    assert response.url.endswith(f"/{here.here.dossier.pk}/change/")


def test_the_school_finds_the_digest_of_a_true_attestation(here: World) -> None:
    contested.decided(here.here, clock.freeze)
    dossier = Dossier.objects.get(pk=here.here.dossier.pk)
    told = attestation(load_facts(dossier.uuid), where(dossier), clock.now())
    known = {one["digest"] for one in page(head(here.here), "dossier_documents", dossier.pk).context["versions"]}
    assert {section.blocks[1].text[0] for section in told.sections} == known


# --- the flyer --------------------------------------------------------------------------------------------------------
def flyer(of: Family, phase: Phase) -> Flyer:
    return flyer_of(school_life(of.student.school, clock.now())[0], phase)


def test_the_flyer_has_the_school_s_own_dates_its_councils_and_the_address_of_the_service(
    here: World, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://orientation.exemple.fr"
    family, zone = here.here, here.school.timezone
    council = factories.council(family, Phase.DEFINITIVE)
    ClassCouncil.objects.filter(pk=council.pk).update(held_on=CHOICES_CLOSE.date())
    factories.council(here.neighbour, Phase.DEFINITIVE)
    made = flyer(family, Phase.DEFINITIVE)
    assert [value for _, value in made.dates][:2] == [moment(CHOICES_OPEN, zone), last_moment(CHOICES_CLOSE, zone)]
    assert made.councils == ((family.student.division.code, day(CHOICES_CLOSE.date())),)
    assert made.site == settings.PUBLIC_URL


def test_the_flyer_has_the_closing_that_the_school_set(here: World) -> None:
    family, earlier = here.here, CHOICES_OPEN.replace(day=30)
    person = factories.staff(here.school)
    set_closing(
        campaign=family.dossier.campaign, school=here.school, phase=Phase.DEFINITIVE, closes_at=earlier, user=person,
        by=factories.actor(family.mother),
    )  # fmt: skip
    assert flyer(family, Phase.DEFINITIVE).dates[1][1] == last_moment(earlier, here.school.timezone)
    assert flyer(here.neighbour, Phase.DEFINITIVE).dates[1][1] == last_moment(CHOICES_CLOSE, here.school.timezone)
