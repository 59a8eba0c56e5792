"""What the school reads of what it, or its council, changed after the family (SIE-03, SIE-04, SIE-06, OPI-04)."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from orientation.actions import acknowledge
from orientation.enums import Phase
from siecle_sync.mock import desk
from siecle_sync.mock.models import MockEntry, MockOutbound, MockStatement
from siecle_sync.mock.pathways import label_of
from tests import factories
from tests.admin.test_simulator import council, online, says, works
from tests.admin.world import BOTH, client_of, desk_of, page
from tests.factories import DURING_INTENTIONS, DURING_OPINIONS, Family, actor
from tests.orientation.states import changed_by_school, entered, opinions_changed

pytestmark = pytest.mark.django_db(databases=BOTH)
At = Callable[[datetime | str], None]
OPINIONS = Phase.PROVISIONAL


def head_of(family: Family) -> Client:
    return client_of(factories.staff(family.student.school))


def listed(client: Client, what: str = "") -> list[str]:
    shown = page(client, "orientation_dossier_changelist", **({"manque": what} if what else {}))
    return [row.student.first_name for row in shown.context["cl"].result_list]


def columns(client: Client) -> str:
    return page(client, "orientation_dossier_changelist").content.decode()


def test_the_list_and_the_dossier_say_who_asked_for_a_change(at: At) -> None:
    family = factories.family()
    changed_by_school(family, at)
    head = head_of(family)
    assert "✎ modifiée par l’établissement" in columns(head)
    assert "✎ saisie par l’établissement" not in columns(head)
    assert listed(head, "modifiee") == [family.student.first_name]
    detail = page(head, "orientation_dossier_change", family.dossier.pk).content.decode()
    assert "demandée par Awa Diallo, lundi 9 mars 2026" in detail
    entries = page(head, "orientation_dossier_change", family.dossier.pk).context["phases"][0]["entries"]
    assert [(one["version"], one["in_force"], one["by_school"]) for one in entries] == [
        (1, False, False),
        (2, True, False),
    ]


@pytest.mark.corrupts("INV-14")
def test_a_change_that_the_family_replaced_since_is_marked_no_more(at: At) -> None:
    family = factories.family()
    changed_by_school(family, at)
    factories.council(family)  # reset
    family.dossier.campaign.windows.filter(phase=OPINIONS, kind="CONSULTATION").delete()
    family.dossier.campaign.windows.filter(phase=OPINIONS).update(closes_at=DURING_OPINIONS + timedelta(days=9))
    entered(family, base_version=2)
    assert listed(head_of(family), "modifiee") == []


@pytest.mark.parametrize(("policy", "awaited"), [("TELL", False), ("AGAIN", True)])
def test_the_school_is_warned_that_opinions_changed_after_the_acknowledgement(
    at: At, policy: str, awaited: bool
) -> None:
    family = factories.family(policies={"opinion_change": policy})
    opinions_changed(family, at)
    head = head_of(family)
    name = [family.student.first_name]
    assert "avis modifiés après accusé\u00a0: prévenir la famille" in columns(head)
    assert ("attendu de nouveau" in columns(head)) is awaited
    assert listed(head, "avis-modifies") == name
    assert listed(head, "accuse") == (name if awaited else [])
    shown = page(head, "orientation_dossier_change", family.dossier.pk)
    assert family.father.full_name in shown.context["phases"][0]["changed_since"]
    changes = shown.context["phases"][0]["statements"][1]["changes"]
    assert [(one.before, one.now) for one in changes if not one.of_comment_only] == [
        ("Réservé", "Favorable"), ("Favorable", "rien"),
    ]  # fmt: skip


def test_the_warning_ends_with_the_new_acknowledgement(at: At) -> None:
    family = factories.family(policies={"opinion_change": "AGAIN"})
    opinions_changed(family, at)
    version = family.dossier.statements.latest("version")
    acknowledge(dossier=family.dossier.uuid, statement=version.uuid, by=actor(family.mother))
    head = head_of(family)
    assert listed(head, "avis-modifies") == []
    shown = page(head, "orientation_dossier_change", family.dossier.pk)
    assert shown.context["phases"][0]["changed_since"] == ""


@pytest.mark.corrupts("INV-14", "INV-55")
def test_an_entry_not_processed_stays_marked_after_the_reset_until_it_is_validated_again(at: At) -> None:
    family = factories.family()
    at(DURING_INTENTIONS)
    late = entered(family)
    factories.council(family, opened_at=DURING_INTENTIONS)
    family.dossier.receipts.create(kind="SUBMISSION", ref=late.uuid, outcome="NOT_PROCESSED", at=DURING_INTENTIONS)
    head, name = head_of(family), [family.student.first_name]
    assert listed(head, "non-traitee") == name
    factories.council(family, opened_at=None)
    assert listed(head, "non-traitee") == name
    entered(family, base_version=1)
    assert listed(head, "non-traitee") == []


# --- the simulator --------------------------------------------------------------------------------------------------


@pytest.fixture
def family(at: At) -> Family:
    at(DURING_INTENTIONS)
    return factories.family()


def changes(client: Client, pupil: object, **typed: str) -> object:
    asked = {"asked_by": "Awa Diallo", "asked_on": "20/01/2026", "pathway1": "CAP", **typed}
    return client.post(reverse("admin:mock_change", args=[pupil.pk, OPINIONS]), asked)


def test_a_request_is_changed_on_the_desk_and_its_first_version_stays_visible(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    client = works(family)
    council(client, division, "ouvrir")
    says(client, division, **{f"p{pupil.pk}-2GT-value": "Favorable"})
    assert changes(client, pupil, free_text1="Fleuriste").status_code == 302
    assert MockStatement.objects.get().withdrawn_at is not None
    told = MockOutbound.objects.get(kind="SCHOOL_CHANGE").payload
    assert (told["asked_by"], told["asked_on"], told["choices"][0]["free_text"]) == (
        "Awa Diallo", "2026-01-20", "Fleuriste",
    )  # fmt: skip
    shown = page(client, "mock_desk", division.pk, OPINIONS)
    [line] = shown.context["rows"]
    assert [(one.words, one.who) for one in line.markers] == [
        ("saisie en ligne", "Dominique Martin"), ("modifiée par l’établissement", "demandée par Awa Diallo"),
    ]  # fmt: skip
    assert (line.requests, line.first) == (["1re année de CAP, Fleuriste"], [label_of("2GT")])
    assert "Première version, saisie en ligne" in shown.content.decode()


@pytest.mark.parametrize(
    ("typed", "field"),
    [({"asked_by": ""}, "asked_by"), ({"asked_on": ""}, "asked_on"), ({"asked_on": "bientôt"}, "asked_on")],
)
def test_who_asked_and_when_must_be_typed(family: Family, typed: dict[str, str], field: str) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    client = works(family)
    council(client, division, "ouvrir")
    answer = changes(client, pupil, **typed)
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {field})
    assert MockEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "code"), [({"asked_on": "21/01/2026"}, "FUTURE_DATE"), ({"pathway1": "2GT"}, "SAME_LIST")]
)
def test_a_refusal_of_the_desk_is_read_on_the_page(family: Family, typed: dict[str, str], code: str) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    client = works(family)
    council(client, division, "ouvrir")
    answer = changes(client, pupil, **typed)
    assert (answer.status_code, answer.context["form"].non_field_errors()) == (422, [desk.SENTENCES[code]])
    assert not MockOutbound.objects.filter(kind="SCHOOL_CHANGE").exists()


def test_only_who_works_in_the_school_changes_a_request(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    council(works(family), division, "ouvrir")
    assert changes(works(family, "READER"), pupil).status_code == 403
    assert changes(works(factories.family()), pupil).status_code == 404
    assert MockEntry.objects.count() == 1


def test_the_desk_warns_that_opinions_changed_after_the_acknowledgement(family: Family) -> None:
    division, pupil = desk_of(family)
    online(pupil, "2GT")
    client = works(family)
    council(client, division, "ouvrir")
    says(client, division, **{f"p{pupil.pk}-2GT-value": "Favorable"})
    pupil.facts.create(
        kind="ACKNOWLEDGEMENT", source="FAMILY", statement=MockStatement.objects.get(), at=DURING_INTENTIONS,
        author_name="Dominique Martin",
    )  # fmt: skip
    says(client, division, **{f"p{pupil.pk}-2GT-value": "Réservé"})
    [line] = page(client, "mock_desk", division.pk, OPINIONS).context["rows"]
    assert ("avis précédents accusés\u00a0: prévenir la famille", True) in [
        (one.words, one.warns) for one in line.markers
    ]
    [line] = page(client, "mock_desk", division.pk, Phase.DEFINITIVE).context["rows"]
    assert not any(one.sign == "✉" for one in line.markers)
