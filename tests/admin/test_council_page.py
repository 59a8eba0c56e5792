"""« Saisie du conseil »: a whole division on one page, each pupil saved apart (OPI-01, ANS-01, SIE-02, SIE-05)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from siecle_sync.mock import desk
from siecle_sync.mock.models import (
    MockCouncil,
    MockDivision,
    MockEntry,
    MockFact,
    MockOutbound,
    MockPupil,
    MockStatement,
)
from tests import factories
from tests.admin.test_simulator import OPINIONS, PROPOSALS, council, online, works
from tests.admin.world import BOTH, client_of, desk_of
from tests.factories import DURING_INTENTIONS, Family

pytestmark = pytest.mark.django_db(databases=BOTH)
At = Callable[[datetime | str], None]
ALONE = {"X-Requested-With": "fetch"}


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def opened(family: Family, phase: str = OPINIONS) -> tuple[MockDivision, MockPupil, MockPupil]:
    """A division of two pupils, the first of whom asks for « 2PRO » then « 2GT », its council open."""
    (division, first), (_, second) = desk_of(family), desk_of(factories.family(of=family.student.division))
    online(first, "2PRO", "2GT", phase=phase)
    desk.open_council(division, phase=phase)
    return division, first, second


def named(family: Family, first_name: str, last_name: str) -> Client:
    user = factories.staff(family.student.school, "SECRETARY")
    user.first_name, user.last_name = first_name, last_name
    user.save()
    return client_of(user)


def where(division: MockDivision, phase: str = OPINIONS) -> str:
    return reverse("admin:mock_statements", args=[division.pk, phase])


def fields(client: Client, division: MockDivision, phase: str = OPINIONS) -> dict[str, str]:
    """What a browser posts back of the page when nothing is typed."""
    posted = {}
    for form in client.get(where(division, phase)).context["forms"]:
        posted[f"{form.prefix}-seen"] = form.read_at
        for line in form.lines:
            posted |= {f"{line['name']}-value": line["value"], f"{line['name']}-comment": line["comment"]}
        posted |= {f"{form.prefix}-more": "", f"{form.prefix}-more-value": "", f"{form.prefix}-more-comment": ""}
    return posted


def answers(pupil: MockPupil, *values: str) -> dict[str, str]:
    return {f"p{pupil.pk}-{code}-value": value for code, value in zip(("2PRO", "2GT"), values, strict=True)}


def codes(answer: HttpResponse) -> dict[MockPupil, set[str]]:
    return {form.row.pupil: form.codes_of_errors for form in answer.context["forms"] if form.is_bound}


def said(pupil: MockPupil) -> list[tuple[str, str]]:
    standing = MockStatement.objects.get(pupil=pupil, withdrawn_at__isnull=True)
    return [(one["pathway"], one["value"]) for one in standing.answers]


def test_the_whole_division_is_saved_at_once_in_the_order_of_the_requests(family: Family) -> None:
    division, first, second = opened(family)
    client = works(family)
    typed = fields(client, division) | answers(first, "Réservé", "Favorable") | {
        f"p{first.pk}-2PRO-comment": "à revoir", f"p{first.pk}-more": "CAP", f"p{first.pk}-more-value": "Favorable",
    }  # fmt: skip
    assert client.post(where(division), typed).status_code == 302
    statement = MockStatement.objects.get(pupil=first)
    assert [(one["pathway"], one["value"], one["comment"], one["requested"]) for one in statement.answers] == [
        ("2PRO", "Réservé", "à revoir", True), ("2GT", "Favorable", "", True), ("CAP", "Favorable", "", False),
    ]  # fmt: skip
    assert not MockStatement.objects.filter(pupil=second).exists()


def test_an_error_on_one_pupil_keeps_what_was_typed_and_saves_the_others(family: Family) -> None:
    division, first, second = opened(family)
    client = works(family)
    typed = fields(client, division) | {
        f"p{first.pk}-2PRO-value": "Réservé", f"p{first.pk}-2PRO-comment": "mot à garder",
        f"p{second.pk}-more": "2GT", f"p{second.pk}-more-value": "Favorable",
    }  # fmt: skip
    answer = client.post(where(division), typed)
    assert answer.status_code == 422
    assert codes(answer) == {first: {"UNANSWERED"}}
    assert "mot à garder" in answer.content.decode()
    assert not MockStatement.objects.filter(pupil=first).exists() and said(second) == [("2GT", "Favorable")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"2PRO-value": "Génial", "2GT-value": "Favorable"}, "invalid_choice"),
        ({"2PRO-comment": "seul"}, "UNANSWERED"),
        ({"2PRO-value": "Favorable", "2GT-value": "Favorable", "more-value": "Favorable"}, "NO_PATHWAY"),
        ({"2PRO-value": "Favorable", "2GT-value": "Favorable", "more": "CAP"}, "UNANSWERED"),
        ({"2PRO-value": "Favorable", "2GT-value": "Favorable", "more": "2GT", "more-value": "Favorable"},
         "invalid_choice"),
        ({"2PRO-value": "Favorable", "2GT-value": "Favorable", "2PRO-comment": "x" * 1001}, "max_length"),
    ],
)  # fmt: skip
def test_what_is_badly_typed_is_refused_and_stays_on_the_page(family: Family, typed: Any, code: str) -> None:
    division, first, _ = opened(family)
    client = works(family)
    posted = fields(client, division) | {f"p{first.pk}-{name}": value for name, value in typed.items()}
    answer = client.post(where(division), posted)
    assert (answer.status_code, codes(answer)) == (422, {first: {code}})
    assert not MockStatement.objects.exists()


def test_what_was_said_is_changed_but_never_wiped_out(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    client.post(where(division), fields(client, division) | answers(first, "Réservé", "Favorable"))
    wiped = client.post(where(division), fields(client, division) | answers(first, "", ""))
    assert (wiped.status_code, codes(wiped)) == (422, {first: {"UNANSWERED"}})
    assert said(first) == [("2PRO", "Réservé"), ("2GT", "Favorable")]


def test_a_council_that_is_not_open_takes_nothing(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2PRO", "2GT")
    client = works(family)
    answer = client.post(where(division), fields(client, division) | answers(pupil, "Réservé", "Favorable"))
    assert (answer.status_code, codes(answer)) == (422, {pupil: {"COUNCIL_NOT_OPEN"}})
    assert not MockStatement.objects.exists()


def test_one_pupil_is_saved_alone_and_what_was_typed_for_another_stays_on_the_page(family: Family) -> None:
    division, first, second = opened(family)
    client = works(family)
    typed = fields(client, division) | answers(first, "Réservé", "Favorable") | {
        f"p{second.pk}-more": "2GT", f"p{second.pk}-more-value": "Favorable", "only": str(first.pk),
    }  # fmt: skip
    answer = client.post(where(division), typed)
    assert answer.status_code == 200
    assert [form.row.pupil for form in answer.context["waiting"]] == [second]
    assert (
        answer.context["forms"][[form.row.pupil for form in answer.context["forms"]].index(second)].beside["code"]
        == "2GT"
    )
    assert said(first) and not MockStatement.objects.filter(pupil=second).exists()


def test_two_people_on_one_pupil_the_second_is_told_by_whom_and_chooses(family: Family) -> None:
    division, first, second = opened(family)
    one, other = named(family, "Inès", "Faure"), named(family, "Léo", "Petit")
    read = fields(other, division)
    one.post(where(division), fields(one, division) | answers(first, "Réservé", "Favorable"))
    typed = read | answers(first, "Favorable", "Favorable") | {
        f"p{second.pk}-more": "CAP", f"p{second.pk}-more-value": "Réservé",
    }  # fmt: skip
    answer = other.post(where(division), typed)
    assert (answer.status_code, codes(answer)) == (409, {first: {"STALE"}})
    [form] = answer.context["wrong"]
    assert (form.author, form.row.statement.at) == ("Inès Faure", DURING_INTENTIONS)
    assert [line["value"] for line in form.standing] == ["Réservé", "Favorable"]
    assert [line["value"] for line in form.lines] == ["Favorable", "Favorable"]
    assert said(first)[0] == ("2PRO", "Réservé") and said(second) == [("CAP", "Réservé")]


def conflict(family: Family) -> tuple[Client, MockDivision, MockPupil, dict[str, str], str]:
    """Somebody has saved since; the fields as the page posts them again, and the version that it shows."""
    division, first, _ = opened(family)
    one, other = works(family), works(family)
    typed = fields(other, division) | answers(first, "Favorable", "Favorable")
    one.post(where(division), fields(one, division) | answers(first, "Réservé", "Réservé"))
    form = other.post(where(division), typed).context["wrong"][0]
    assert form.read_at == typed[f"p{first.pk}-seen"]
    return other, division, first, typed, form.row.version


def test_choosing_nothing_is_no_choice(family: Family) -> None:
    client, division, first, typed, _ = conflict(family)
    assert codes(client.post(where(division), typed)) == {first: {"STALE"}}
    assert said(first) == [("2PRO", "Réservé"), ("2GT", "Réservé")]


def test_what_i_typed_is_kept_when_i_choose_it(family: Family) -> None:
    client, division, first, typed, version = conflict(family)
    assert client.post(where(division), typed | {f"p{first.pk}-keep": version}).status_code == 302
    assert said(first) == [("2PRO", "Favorable"), ("2GT", "Favorable")]


def test_what_is_stored_is_kept_when_i_choose_it(family: Family) -> None:
    client, division, first, typed, _ = conflict(family)
    assert client.post(where(division), typed | {f"p{first.pk}-keep": "theirs"}).status_code == 302
    assert said(first) == [("2PRO", "Réservé"), ("2GT", "Réservé")]


def test_a_choice_made_before_yet_another_save_is_asked_again(family: Family) -> None:
    client, division, first, typed, version = conflict(family)
    third = works(family)
    third.post(where(division), fields(third, division) | answers(first, "Réservé", "Défavorable"))
    assert codes(client.post(where(division), typed | {f"p{first.pk}-keep": version})) == {first: {"STALE"}}
    assert said(first)[1] == ("2GT", "Défavorable")


def test_a_pupil_left_as_it_was_read_takes_nothing_back(family: Family) -> None:
    """What the page of the second still shows blank undoes nothing and is not refused."""
    division, first, _ = opened(family)
    one, other = works(family), works(family)
    read = fields(other, division)
    one.post(where(division), fields(one, division) | answers(first, "Réservé", "Favorable"))
    assert other.post(where(division), read).status_code == 302
    assert said(first) == [("2PRO", "Réservé"), ("2GT", "Favorable")]


def test_the_same_thing_typed_twice_is_no_conflict_and_one_version(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    typed = fields(client, division) | answers(first, "Réservé", "Favorable")
    assert [client.post(where(division), typed).status_code for _ in range(2)] == [302, 302]
    assert MockStatement.objects.filter(pupil=first).count() == 1


def test_a_request_that_changed_since_it_was_read_is_never_answered_by_its_places(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    typed = fields(client, division) | answers(first, "Favorable", "Défavorable")
    changed = [{"pathway": "2GT"}, {"pathway": "CAP"}]
    desk.change_entry(first, phase=OPINIONS, choices=changed, asked_by="Sa mère", asked_on=DURING_INTENTIONS.date())
    answer = client.post(where(division), typed)
    assert (answer.status_code, codes(answer)) == (409, {first: {"STALE"}})
    assert not MockStatement.objects.exists()


def test_leaving_a_pupil_saves_it_and_brings_its_block_alone(family: Family) -> None:
    division, first, second = opened(family)
    client = works(family)
    typed = fields(client, division) | answers(first, "Réservé", "Favorable") | {"only": str(first.pk)}
    answer = client.post(where(division), typed, headers=ALONE)
    assert answer.status_code == 200 and said(first)
    assert [form.row.pupil for form in answer.context["forms"]] == [first]
    assert "19\xa0h\xa000" in answer.context["told"] and f"eleve-{second.pk}" not in answer.content.decode()
    stale = client.post(where(division), typed | answers(first, "Favorable", "Favorable"), headers=ALONE)
    assert (stale.status_code, codes(stale), stale.context["told"]) == (409, {first: {"STALE"}}, "")


def test_leaving_a_pupil_as_it_was_read_does_not_say_that_something_was_saved(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    answer = client.post(where(division), fields(client, division) | {"only": str(first.pk)}, headers=ALONE)
    assert answer.status_code == 200 and "19\xa0h" not in answer.context["told"]


def test_every_field_that_is_read_back_stands_on_the_page(family: Family) -> None:
    division, first, _ = opened(family)
    content = works(family).get(where(division)).content.decode()
    names = ["seen", "2PRO-value", "2PRO-comment", "2GT-value", "more", "more-value", "more-comment"]
    assert [name for name in names if f'name="p{first.pk}-{name}"' not in content] == []


def test_a_pupil_of_another_division_is_not_saved_from_this_page(family: Family) -> None:
    division, _, _ = opened(family)
    _, elsewhere = desk_of(factories.family(of=factories.division(family.student.school, "3 B")))
    typed = {f"p{elsewhere.pk}-more": "2GT", f"p{elsewhere.pk}-more-value": "Favorable", "only": str(elsewhere.pk)}
    assert works(family).post(where(division), typed, headers=ALONE).status_code == 404
    assert not MockStatement.objects.exists()


def crowd(division: MockDivision, number: int, *pathways: str) -> None:
    for rank in range(number):
        pupil = MockPupil.objects.create(
            division=division, academy=division.academy, uai=division.uai, year=2025, level=division.level,
            eleve_id=900000 + rank, family_name=f"Nom{rank:02}", first_name="Élève", birth_date="2011-01-01",
        )  # fmt: skip
        entry = online(pupil, *pathways)
        MockEntry.objects.filter(pk=entry.pk).update(ref=f"{rank:036}")


def cost(client: Client, division: MockDivision) -> tuple[int, int]:
    """Queries in both databases, and bytes."""
    with (
        CaptureQueriesContext(connections["default"]) as ours,
        CaptureQueriesContext(connections["siecle_mock"]) as its,
    ):
        content = client.get(where(division)).content
    return len(ours) + len(its), len(content)


def test_thirty_pupils_cost_the_queries_of_two_and_less_than_300_kb(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    client.post(where(division), fields(client, division) | answers(first, "Réservé", "Favorable"))
    cost(client, division)  # the session notes once that this page is its own
    few, _ = cost(client, division)
    crowd(division, 28, "2PRO", "2GT", "CAP")
    many, size = cost(client, division)
    assert few == many
    assert size < 300_000


def test_a_long_list_of_2de_weighs_less_than_300_kb(family: Family) -> None:
    division, _ = desk_of(family, level="2GT")
    crowd(division, 29, *("1GEN", "1BTMUS", "VOIEPRO", "1TECHNO"))
    assert cost(works(family), division)[1] < 300_000


def figures(client: Client, division: MockDivision, verb: str, phase: str = OPINIONS) -> str:
    answer = client.get(reverse("admin:mock_council", args=[division.pk, phase, verb]))
    return " ".join(answer.context["consequences"])


def test_opening_says_how_many_requests_replace_what_the_school_typed(family: Family) -> None:
    (division, first), (_, second) = desk_of(family), desk_of(factories.family(of=family.student.division))
    desk_of(factories.family(of=family.student.division))
    online(first, "2GT")
    for pupil in (first, second):
        desk.type_entry(pupil, phase=OPINIONS, choices=[{"pathway": "CAP"}])
    told = figures(works(family), division, "ouvrir")
    assert "1 demande de famille" in told and "remplace 1 saisie" in told
    assert "1 saisie de l’établissement, sans" in told and "1 élève n’a aucune demande" in told
    assert not MockCouncil.objects.exists()


def test_resetting_says_how_many_opinions_families_have_read(family: Family) -> None:
    division, first, _ = opened(family)
    client = works(family)
    client.post(where(division), fields(client, division) | answers(first, "Réservé", "Favorable"))
    assert "1 avis d’élève" in figures(client, division, "reinitialiser")
    assert "0 famille en a" in figures(client, division, "reinitialiser")
    statement = MockStatement.objects.get()
    MockFact.objects.create(kind="ACKNOWLEDGEMENT", source="FAMILY", pupil=first, statement=statement, at=statement.at)
    assert "1 famille en a" in figures(client, division, "reinitialiser")
    assert MockCouncil.objects.get().opened_at is not None


def test_opening_says_nothing_of_what_there_is_none_of(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    assert " 0 " not in f" {figures(works(family), division, 'ouvrir')} "


def test_resetting_says_that_the_decisions_already_made_stand(family: Family) -> None:
    division, first, _ = opened(family, PROPOSALS)
    client = works(family)
    typed = fields(client, division, PROPOSALS) | answers(first, "OUI", "NON")
    client.post(where(division, PROPOSALS), typed)
    assert "décision" not in figures(client, division, "reinitialiser", PROPOSALS)
    desk.record_head_decision(first, pathways=[("2PRO", "")])
    assert "1 élève a déjà une décision" in figures(client, division, "reinitialiser", PROPOSALS)
    council(client, division, "reinitialiser", PROPOSALS)
    assert MockFact.objects.filter(pupil=first, kind="DECISION").exists()


@pytest.mark.parametrize(("verb", "idle"), [("ouvrir", True), ("deplacer", False), ("reinitialiser", False)])
def test_what_is_done_already_is_not_offered_again(family: Family, verb: str, idle: bool) -> None:
    division, _, _ = opened(family)
    client = works(family)
    answer = client.get(reverse("admin:mock_council", args=[division.pk, OPINIONS, verb]))
    assert answer.context["idle"] is idle
    assert ('name="confirm"' in answer.content.decode()) is not idle
    council(client, division, "reinitialiser")
    answer = client.get(reverse("admin:mock_council", args=[division.pk, OPINIONS, verb]))
    assert answer.context["idle"] is (verb == "reinitialiser")


@pytest.mark.parametrize("verb", ["ouvrir", "deplacer", "reinitialiser"])
def test_no_council_is_touched_before_its_consequences_are_confirmed(family: Family, verb: str) -> None:
    division, _, _ = opened(family)
    before = MockOutbound.objects.count()
    answer = council(works(family), division, verb, confirm="", held_on="20/01/2026")
    assert answer.status_code == 200 and answer.context["consequences"]
    assert MockOutbound.objects.count() == before


def test_a_date_that_cannot_be_read_moves_nothing(family: Family) -> None:
    division, _, _ = opened(family, PROPOSALS)
    assert council(works(family), division, "deplacer", PROPOSALS, held_on="demain").status_code == 422
    assert MockCouncil.objects.get().held_on is None
