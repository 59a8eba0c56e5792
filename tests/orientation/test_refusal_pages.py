"""What who may not act reads at each address. Who gets which status is the matrix of tests/authorisation."""

import pytest
from django.test import Client

from orientation.enums import Phase
from orientation.models import Draft
from tests.factories import DURING_INTENTIONS, family
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, intentions_entered, opinions_published

pytestmark = pytest.mark.django_db

P, D = {"phase": Phase.PROVISIONAL}, {"phase": Phase.DEFINITIVE}
SCREENS = (
    ("dossier", {}), ("entry", P), ("entry_change", P), ("entry", D), ("opinions", {}), ("proposals", {}),
    ("agreement", {}), ("decision", {}), ("history", {}),
)  # fmt: skip
FORMS = (("entry_add", P), ("entry_edit", {**P, "rank": 1}))
VERBS = (
    ("entry_add", P), ("entry_edit", {**P, "rank": 1}), ("entry_up", {**P, "rank": 1}),
    ("entry_down", {**P, "rank": 1}), ("entry_move", {**P, "rank": 1}), ("entry_remove", {**P, "rank": 1}),
    ("entry_validate", P), ("entry_validate", D), ("acknowledge", {}), ("confirm_answer", {}), ("answer", {}),
    ("agree", {}),
)  # fmt: skip
TYPED = {"pathway": "CAP", "shown": "0", "kind": "REFUSED", "agrees_with": "oui"}


def ids(case: tuple) -> str:
    return str(case[0])


def test_a_stranger_s_404_is_the_page_of_a_dossier_that_does_not_exist(at: At) -> None:
    camille, nobody = family(), family()
    at(DURING_INTENTIONS)
    client = signed_in(nobody.mother)
    there = client.get(address(camille, "dossier"))
    nowhere = client.get("/dossiers/00000000-0000-4000-8000-000000000000/")
    assert (there.status_code, text_of(there)) == (nowhere.status_code, text_of(nowhere))


def test_who_is_not_signed_in_is_sent_to_sign_in(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    for name, path in (*SCREENS, *FORMS):
        where = address(camille, name, **path)
        assert Client().get(where)["Location"] == f"/connexion/?next={where}"
    for name, path in VERBS:
        assert Client().post(address(camille, name, **path), TYPED).status_code == 302
    assert Client().get("/mes-services/").status_code == 302
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("verb", VERBS[:6], ids=ids)
def test_the_pupil_is_told_that_the_account_is_for_reading(verb: tuple, at: At) -> None:
    camille = family()
    intentions_entered(camille, at)
    name, path = verb
    response = signed_in(camille.student).post(address(camille, name, **path), TYPED)
    assert response.status_code == 403
    assert "Le compte de l’élève permet de lire" in response.content.decode()


@pytest.mark.parametrize("verb", VERBS[:6], ids=ids)
def test_who_does_not_hold_the_pen_is_refused_with_the_reason(verb: tuple, at: At) -> None:
    camille = family()
    intentions_entered(camille, at)
    name, path = verb
    response = signed_in(camille.father).post(address(camille, name, **path), TYPED)
    assert response.status_code == 409
    assert "Un autre représentant a déjà validé une saisie" in response.content.decode()


def test_the_author_only_acknowledges_under_that_policy(at: At) -> None:
    camille = family(policies={"acknowledgement_by": "AUTHOR"})
    opinions_published(camille, at)
    said = {"statement": camille.dossier.statements.get().uuid}
    assert signed_in(camille.father).post(address(camille, "acknowledge"), said).status_code == 409
    assert signed_in(camille.mother).post(address(camille, "acknowledge"), said).status_code == 302


def test_a_verb_takes_no_other_method_than_post(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    client = signed_in(camille.mother)
    for name, path in (("entry_validate", P), ("acknowledge", {}), ("answer", {})):
        assert client.put(address(camille, name, **path)).status_code == 405
