"""A child changes division or school, leaves, comes back: who follows the dossier, what each screen says (SIE-01)."""

from datetime import date, datetime, timedelta

import pytest

from families.models import Guardianship, Representative, Student
from orientation import actions
from orientation.enums import Phase
from orientation.models import Dossier
from orientation.reading import load_facts
from orientation.rules import Refusal
from tests import factories
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_OPINIONS, Family, actor
from tests.orientation.imported import FATHER, MOTHER, SCREENS, P, home, imported, imports, refusal, submit
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, acknowledged, opinions_published

pytestmark = pytest.mark.django_db


# --- another division -------------------------------------------------------------------------------------------------
def test_the_council_that_spoke_stays_the_one_that_spoke_after_a_change_of_division(at: At) -> None:
    family = factories.family()
    acknowledged(family, at)
    factories.changes_division(family)
    facts = load_facts(family.dossier.uuid)
    assert facts.statements[0].division == "3 A"
    mother = signed_in(family.mother)
    assert "classe 3 B" in text_of(mother.get(address(family, "opinions")))
    assert "Avis" in text_of(mother.get(address(family, "opinions")))
    at(DURING_CHOICES)
    assert submit(family, family.mother, phase=Phase.DEFINITIVE).version == 1


def test_a_child_who_joins_a_division_whose_council_is_open_is_told_that_it_is_and_whom_to_ask(at: At) -> None:
    family = factories.family()
    at(DURING_INTENTIONS)
    submit(family, family.mother)
    factories.changes_division(family)
    factories.council(family, opened_at=DURING_INTENTIONS - timedelta(days=1))
    page = text_of(signed_in(family.mother).get(address(family, "entry", phase=P)))
    assert "le conseil de classe est ouvert" in page
    assert "classe 3 B" in page
    assert "Veuillez prendre contact avec votre établissement" in page
    assert refusal(lambda: submit(family, family.mother, 1)) == Refusal.COUNCIL_OPEN


def test_a_child_who_joins_a_division_whose_council_is_not_open_enters_until_it_is(at: At) -> None:
    family = factories.family()
    at(DURING_INTENTIONS)
    factories.council(family, opened_at=DURING_INTENTIONS)
    assert refusal(lambda: submit(family, family.mother)) == Refusal.COUNCIL_OPEN
    factories.changes_division(family)
    assert submit(family, family.mother).version == 1


# --- another school, or none ------------------------------------------------------------------------------------------
def test_a_child_who_left_keeps_a_dossier_to_read_and_every_screen_says_so(at: At) -> None:
    family = factories.family()
    opinions_published(family, at)
    factories.leaves(family, date(2026, 3, 2))
    for person in (family.mother, family.father, family.student):
        client = signed_in(person)
        for screen, path in [*((name, {}) for name in SCREENS), ("entry", {"phase": P})]:
            answer = client.get(address(family, screen, **path))
            assert "n’est plus suivi par cet établissement depuis le lundi 2 mars 2026" in text_of(answer)
            assert '<form method="post" action="/dossiers/' not in answer.content.decode()
        assert "2de générale et technologique" in text_of(client.get(address(family, "entry", phase=P)))
        assert "Favorable" in text_of(client.get(address(family, "opinions")))
    card = text_of(signed_in(family.mother).get("/mes-services/"))
    assert "n’est plus suivi par cet établissement" in card
    assert "À lire" in card
    assert "Dossier à lire seulement" in card


def test_a_child_who_left_takes_no_act_whatever_page_is_still_open(at: At) -> None:
    family = factories.family()
    opinions_published(family, at)
    mother = signed_in(family.mother)
    page = mother.get(address(family, "opinions"))
    factories.leaves(family)
    statement = family.dossier.statements.get()
    assert page.status_code == 200
    answer = mother.post(address(family, "acknowledge"), {"statement": statement.uuid})
    assert answer.status_code == 409
    assert not hasattr(statement, "acknowledgement")
    by = actor(family.mother)
    assert refusal(lambda: actions.acknowledge(dossier=family.dossier.uuid, statement=statement.uuid, by=by)) == (
        Refusal.NOT_ENROLLED
    )
    assert refusal(lambda: submit(family, family.mother, 1)) == Refusal.NOT_ENROLLED


def test_a_child_who_left_before_the_campaign_is_not_promised_one(at: At) -> None:
    family = factories.family()
    factories.leaves(family, date(2026, 1, 5))
    at(datetime.fromisoformat("2026-01-08T10:00+01:00"))
    mother = signed_in(family.mother)
    assert "n’est plus suivi par cet établissement" in text_of(mother.get("/mes-services/"))
    assert "La campagne d’orientation n’est pas ouverte" not in home(mother, family)


def test_a_child_out_of_the_campaign_without_a_day_of_leaving_is_told_so_too(at: At) -> None:
    family = factories.family()
    at(DURING_INTENTIONS)
    Student.objects.filter(pk=family.student.pk).update(scope="OUT", scope_reason="DECIDED")
    assert "n’est plus suivi par cet établissement pour cette campagne" in home(signed_in(family.mother), family)


def test_a_child_who_changes_school_has_a_new_dossier_there_and_the_old_one_is_read_only(at: At) -> None:
    at(DURING_INTENTIONS)
    family = imported(MOTHER)
    submit(family, family.mother)
    imports(MOTHER, DATE_SORTIE="31/01/2026")
    elsewhere = "0690002C"
    imports(MOTHER, of=elsewhere)
    there = Dossier.objects.get(student__school__uai=elsewhere)
    Representative.objects.filter(school__uai=elsewhere).update(user=family.mother.user)
    mother = signed_in(family.mother)
    cards = text_of(mother.get("/mes-services/"))
    assert "n’est plus suivi par cet établissement depuis le samedi 31 janvier 2026" in cards
    assert "Saisir les intentions" in cards
    new = Family(there, there.student, [Representative.objects.get(school__uai=elsewhere)])
    assert submit(new, new.mother).version == 1
    assert refusal(lambda: submit(family, family.mother, 1)) == Refusal.NOT_ENROLLED


def test_a_child_who_is_back_recovers_the_dossier_and_the_pen_is_where_it_was(at: At) -> None:
    at(DURING_INTENTIONS)
    family = imported(MOTHER, FATHER)
    submit(family, family.mother)
    imports(MOTHER, FATHER, DATE_SORTIE="31/01/2026")
    assert refusal(lambda: submit(family, family.mother, 1)) == Refusal.NOT_ENROLLED
    imports(MOTHER, FATHER)
    assert Dossier.objects.get() == family.dossier
    assert "Vous pouvez les modifier" in home(signed_in(family.mother), family)
    assert refusal(lambda: submit(family, family.father, 1)) == Refusal.PEN_HELD


def test_a_representative_of_a_child_who_left_still_reads(at: At) -> None:
    at(DURING_OPINIONS)
    family = imported(MOTHER)
    imports(MOTHER, DATE_SORTIE="31/01/2026")
    assert Guardianship.objects.legal().filter(representative=family.mother).exists()
    assert signed_in(family.mother).get(address(family, "dossier")).status_code == 200
