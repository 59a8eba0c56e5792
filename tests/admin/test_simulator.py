"""The desk of a school in the simulated Siècle Orientation (SIE, OPI-01, ANS-01)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Level
from ledger import clock
from orientation.enums import Phase
from orientation.models import ClassCouncil
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockCouncil, MockDeposit, MockEntry, MockFact, MockOutbound, MockPupil, Source
from tests import factories
from tests.admin.world import BOTH, client_of, desk_of, page, world
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=BOTH)
At = Callable[[datetime | str], None]
OPINIONS, PROPOSALS = Phase.PROVISIONAL, Phase.DEFINITIVE


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def works(family: Family, role: str = "SECRETARY") -> Client:
    return client_of(factories.staff(family.student.school, role))


def online(pupil: MockPupil, *pathways: str, phase: str = OPINIONS) -> MockEntry:
    """What a night brings of a family's entry."""
    choices = [{"rank": rank, "pathway": one, "series": ""} for rank, one in enumerate(pathways, start=1)]
    return MockEntry.objects.create(
        pupil=pupil, phase=phase, source=Source.FAMILY, version=1, at=clock.now(), author_name="Dominique Martin",
        choices=choices,
    )  # fmt: skip


def council(client: Client, division: Any, verb: str, phase: str = OPINIONS, **typed: str) -> HttpResponse:
    return client.post(reverse("admin:mock_council", args=[division.pk, phase, verb]), {"confirm": "1", **typed})


def says(client: Client, division: Any, phase: str = OPINIONS, **typed: str) -> HttpResponse:
    """Type on the council's page as it is now."""
    where = reverse("admin:mock_statements", args=[division.pk, phase])
    shown = client.get(where)
    forms = shown.context["forms"] if shown.status_code == 200 else []
    pupils = {name.partition("-")[0] for name in typed}
    seen = {f"{one.prefix}-seen": one.read_at for one in forms if one.prefix in pupils}
    return client.post(where, {**seen, **typed})


def test_opening_a_council_reaches_the_service_at_once_and_the_page_says_that_it_confirmed(family: Family) -> None:
    division, _ = desk_of(family)
    client = works(family)
    assert council(client, division, "ouvrir", held_on="20/01/2026").status_code == 302
    assert ClassCouncil.objects.get().opened_at == DURING_INTENTIONS
    assert page(client, "mock_desk", division.pk, OPINIONS).context["last"].confirmed_at is not None


def test_an_opening_that_the_service_did_not_hear_is_shown_as_not_confirmed(family: Family, settings: Any) -> None:
    division, _ = desk_of(family)
    settings.PUBLIC_URL = settings.SIECLE_BASE_URL = "http://127.0.0.1:9"
    client = works(family)
    council(client, division, "ouvrir")
    assert not ClassCouncil.objects.exists()
    shown = page(client, "mock_desk", division.pk, OPINIONS)
    assert shown.context["last"].confirmed_at is None and shown.context["council"].opened_at is not None


def test_a_council_is_moved_and_reset_and_a_reset_asks_first(family: Family) -> None:
    division, _ = desk_of(family)
    client = works(family)
    council(client, division, "deplacer", held_on="03/03/2026")
    council(client, division, "ouvrir")
    assert council(client, division, "reinitialiser", confirm="").status_code == 200
    assert MockCouncil.objects.get().opened_at is not None
    assert council(client, division, "reinitialiser").status_code == 302
    kept = MockCouncil.objects.get()
    assert (kept.opened_at, kept.held_on) == (None, date(2026, 3, 3))
    assert ClassCouncil.objects.get().opened_at is None


def test_a_request_typed_for_a_family_keeps_its_ranks_and_details(family: Family) -> None:
    _, pupil = desk_of(family)
    where = reverse("admin:mock_entry", args=[pupil.pk, OPINIONS])
    client = works(family)
    gap = {"pathway1": "2PRO", "pathway3": "CAP"}
    assert client.post(where, gap).status_code == 422
    assert client.post(where, {"pathway1": "CAP", "pathway2": "CAP"}).status_code == 422
    typed = {"pathway1": "2PRO", "free_text1": "Bois", "apprentice1": "on", "pathway2": "CAP"}
    assert client.post(where, typed).status_code == 302
    choices = MockEntry.objects.get().choices
    assert [(one["pathway"], one["free_text"], one["apprentice_status"]) for one in choices] == [
        ("2PRO", "Bois", True), ("CAP", "", False),
    ]  # fmt: skip


def test_a_request_entered_online_cannot_be_retyped_once_the_council_is_open(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    client = works(family)
    council(client, division, "ouvrir")
    answer = client.post(reverse("admin:mock_entry", args=[pupil.pk, OPINIONS]), {"pathway1": "CAP"})
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [desk.SENTENCES["ENTERED_BY_FAMILY"]]


def test_the_decision_on_appeal_comes_after_the_head_s_and_once(family: Family) -> None:
    _, pupil = desk_of(family)
    client = works(family)
    where = reverse("admin:mock_decision", args=[pupil.pk])
    on_appeal = {"pathways": ["2GT"], "on_appeal": "on"}
    refused = client.post(where, on_appeal)
    assert refused.context["form"].non_field_errors() == [desk.SENTENCES["NOTHING_TO_APPEAL"]]
    posted = [client.post(where, one).status_code for one in ({"pathways": ["CAP"]}, on_appeal, on_appeal)]
    assert posted == [302, 302, 422]
    sent = MockOutbound.objects.filter(kind="HEAD_DECISION").order_by("seq")
    assert [one.payload["origin"] for one in sent] == ["HEAD", "APPEAL"]


def test_the_family_s_answer_and_the_head_s_decision_are_recorded_once(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT", "CAP", phase=PROPOSALS)
    client = works(family)
    council(client, division, "ouvrir", PROPOSALS)
    says(client, division, PROPOSALS, **{f"p{pupil.pk}-2GT-value": "NON", f"p{pupil.pk}-CAP-value": "OUI"})
    answer, decision = (reverse(f"admin:mock_{name}", args=[pupil.pk]) for name in ("answer", "decision"))
    assert client.post(answer, {"accepted": ["CAP"], "refused": "on"}).status_code == 422
    assert client.post(answer, {"accepted": ["2GT"]}).status_code == 422
    assert client.post(answer, {"refused": "on"}).status_code == 302
    assert client.post(answer, {"refused": "on"}).status_code == 422
    assert client.post(decision, {"pathways": ["2GT"], "on_appeal": "on"}).status_code == 422
    assert client.post(decision, {"pathways": ["2GT"], "notified_on": "20/01/2026"}).status_code == 302
    assert client.post(decision, {"pathways": ["CAP"]}).status_code == 422
    assert sorted(MockFact.objects.values_list("kind", flat=True)) == ["ANSWER", "DECISION"]
    assert MockOutbound.objects.filter(kind="HEAD_DECISION").get().payload["notified_on"] == "2026-01-20"


def test_the_list_says_what_the_family_answered(family: Family) -> None:
    other = factories.family(of=family.student.division)
    (division, first), (_, second) = desk_of(family), desk_of(other)
    client = works(family)
    council(client, division, "ouvrir", PROPOSALS)
    says(client, division, PROPOSALS, **{f"p{one.pk}-2GT-value": "OUI" for one in (first, second)})
    client.post(reverse("admin:mock_answer", args=[first.pk]), {"accepted": ["2GT"]})
    client.post(reverse("admin:mock_answer", args=[second.pk]), {"refused": "on"})
    rows = page(client, "mock_desk", division.pk, PROPOSALS).context["rows"]
    words = {line.row.pupil: line.markers[-1].words.split()[-1] for line in rows}
    assert words == {first: "acceptation", second: "refus"}


def test_the_list_says_who_entered_online_and_who_did_not(family: Family) -> None:
    other = factories.family(of=family.student.division)
    (division, first), (_, second) = desk_of(family), desk_of(other)
    online(first, "2GT")
    rows = page(works(family, "READER"), "mock_desk", division.pk, OPINIONS).context["rows"]
    words = {line.row.pupil: [(one.words, one.who) for one in line.markers] for line in rows}
    assert words == {first: [("saisie en ligne", "Dominique Martin")], second: [("pas de saisie", "")]}


def test_every_page_of_the_simulator_says_that_it_is_one(family: Family) -> None:
    division, pupil = desk_of(family)
    client = works(family)
    pages = [
        page(client, "siecle_mock_mockdivision_changelist"), page(client, "siecle_mock_mockpupil_changelist"),
        page(client, "siecle_mock_mockpupil_change", pupil.pk), page(client, "mock_desk", division.pk, OPINIONS),
        page(client, "mock_statements", division.pk, OPINIONS), page(client, "mock_entry", pupil.pk, OPINIONS),
        page(client, "mock_answer", pupil.pk), page(client, "mock_decision", pupil.pk),
        page(client, "mock_council", division.pk, OPINIONS, "reinitialiser"),
    ]  # fmt: skip
    for shown in pages:
        assert shown.status_code == 200
        assert "simulator-banner" in shown.content.decode()


def test_a_reader_reads_the_desk_and_another_school_does_not(family: Family) -> None:
    division, pupil = desk_of(family)
    reader = works(family, "READER")
    assert council(reader, division, "ouvrir").status_code == 403
    assert says(reader, division).status_code == 403
    stranger = works(world().neighbour, "HEAD")
    assert page(stranger, "mock_desk", division.pk, OPINIONS).status_code == 404
    assert council(stranger, division, "ouvrir").status_code == 404
    assert says(stranger, division).status_code == 404
    for name in ("answer", "decision"):
        assert stranger.post(reverse(f"admin:mock_{name}", args=[pupil.pk]), {}).status_code == 404
    assert not MockCouncil.objects.exists()


def test_the_lists_of_the_simulator_are_in_words_and_say_what_they_are(family: Family) -> None:
    desk_of(family)
    counted = {"read": 13, "accepted": 11, "rejected": 2, "not_processed": 0}
    MockDeposit.objects.create(
        uuid=family.dossier.uuid, academy="10", year=2025, level="3E", received_at=clock.now(), counters=counted
    )
    client = client_of(factories.user(is_staff=True, is_superuser=True))
    for name in ("mockdivision", "mockpupil", "mockdeposit"):
        html = page(client, f"siecle_mock_{name}_changelist").content.decode()
        assert "simulator-banner" in html
        assert "not_processed" not in html
    rows = page(client, "siecle_mock_mockdeposit_changelist").content.decode()
    assert ">2025-2026<" in rows
    assert f">{Level.THIRD.label}<" in rows
