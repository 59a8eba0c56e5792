"""The school says which specialty subjects of 1re générale it offers (P2G-02)."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger.models import JournalEntry
from orientation.models import SpecialtyOffer
from orientation.reading import load_facts
from tests import factories
from tests.admin.world import client_of
from tests.factories import DURING_INTENTIONS, Family, staff
from tests.orientation.second import OFFER, second

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])


@pytest.fixture
def made(at: Any) -> Family:
    at(DURING_INTENTIONS)
    return second(offer=())


def says(client: Client, of: Family, specialties: list[str], **more: Any) -> HttpResponse:
    where = reverse("admin:school_offer", args=[of.student.school_id])
    return client.post(where, {"campaign": of.dossier.campaign_id, "specialties": specialties, **more})


def life(client: Client, of: Family) -> str:
    return client.get(reverse("admin:school_life", args=[of.student.school_id])).content.decode()


@pytest.mark.parametrize("role", ["HEAD", "SECRETARY"])
def test_the_school_says_its_offer_and_it_is_journaled(made: Family, role: str) -> None:
    client = client_of(staff(made.student.school, role))
    where = reverse("admin:school_offer", args=[made.student.school_id])
    assert client.get(where, {"campaign": made.dossier.campaign_id}).status_code == 200
    assert says(client, made, ["MATHS", "HGGSP"]).status_code == 302
    assert load_facts(made.dossier.uuid).specialties_offered == ("HGGSP", "MATHS")
    assert JournalEntry.objects.get(verb="offer_set").data["specialties"] == ["HGGSP", "MATHS"]
    assert "Histoire-géographie, géopolitique" in life(client, made)


def test_the_last_offer_counts_and_none_means_not_said(made: Family) -> None:
    client = client_of(staff(made.student.school))
    for offer in (list(OFFER), ["ARTS"]):
        says(client, made, offer)
        assert set(load_facts(made.dossier.uuid).specialties_offered) == set(offer)
    says(client, made, [])
    assert load_facts(made.dossier.uuid).specialties_offered == ()
    assert SpecialtyOffer.objects.count() == 3


def test_a_subject_that_does_not_exist_is_refused(made: Family) -> None:
    assert says(client_of(staff(made.student.school)), made, ["MATHS", "LATIN"]).status_code == 422
    assert not SpecialtyOffer.objects.exists()


def test_a_reader_and_the_academie_read_the_offer_and_do_not_change_it(made: Family) -> None:
    says(client_of(staff(made.student.school)), made, ["MATHS"])
    for client in (
        client_of(staff(made.student.school, "READER")), client_of(staff(made.student.school.academy, "ACADEMY")),
    ):  # fmt: skip
        assert "Mathématiques" in life(client, made)
        assert "specialites" not in life(client, made)
        assert says(client, made, ["ARTS"]).status_code == 403
    assert SpecialtyOffer.objects.count() == 1


def test_another_school_s_offer_is_a_404(made: Family) -> None:
    other = factories.family()
    assert says(client_of(staff(other.student.school)), made, ["ARTS"]).status_code == 404
    assert not SpecialtyOffer.objects.exists()


def test_a_campaign_of_3e_asks_no_offer(at: Any) -> None:
    at(DURING_INTENTIONS)
    third = factories.family()
    client = client_of(staff(third.student.school))
    assert "spécialité" not in life(client, third)
    assert says(client, third, ["MATHS"]).status_code == 404
    assert says(client, third, ["MATHS"], campaign="0").status_code == 404
