"""The history of a dossier, as its family reads it."""

import pytest

from ledger import journal
from ledger.journal import SIECLE
from orientation.enums import Phase
from orientation.models import Submission
from tests.factories import CAP, DURING_INTENTIONS, DURING_OPINIONS, GT, Family, council, family, statement
from tests.orientation.screens import address, signed_in, text_of
from tests.orientation.states import At, answered, entered

pytestmark = pytest.mark.django_db


def read(of: Family, who: str = "father") -> str:
    return text_of(signed_in(getattr(of, who)).get(address(of, "history")))


def test_everybody_reads_what_was_done_by_whom_when_and_which_version(at: At) -> None:
    camille = family()
    answered(camille, at)
    page = read(camille, "student")
    for said in (
        "Intentions : saisie validée (version 1)",
        f"Par {camille.mother.full_name}",
        f"Par {camille.father.full_name}",
        "Accusé de réception des avis du conseil de classe",
        "Réponse : acceptation – 2de professionnelle",
        "Décision d’orientation (acceptation de la famille) : 2de professionnelle",
        "mardi 20 janvier 2026 à 19 h 00 (heure de Paris)",
    ):
        assert said in page


@pytest.mark.corrupts("INV-27", "INV-60", "INV-65", "INV-72", "INV-76")
def test_answers_are_in_the_history_once_published_and_not_before(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    council(camille, opened_at=DURING_INTENTIONS)
    made = statement(
        camille, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS, submission=entered_before(camille)
    )
    journal.write(
        verb="statement_published", by=SIECLE, at=DURING_INTENTIONS, dossier=camille.dossier.uuid,
        statement=str(made.uuid),
    )  # fmt: skip
    assert "publication" not in read(camille)
    at(DURING_OPINIONS)
    assert "Avis provisoires du conseil de classe : publication" in read(camille)


def entered_before(of: Family) -> Submission:
    """What the school typed for the family."""
    made = Submission.objects.create(
        dossier=of.dossier, phase=Phase.PROVISIONAL, version=1, author_kind="SCHOOL", author_name="Le collège",
        choice_count=1, submitted_at=DURING_INTENTIONS, siecle_ref="typed",
    )  # fmt: skip
    made.choices.create(rank=1, pathway=CAP.pathway)
    return made


@pytest.mark.corrupts("INV-76")
def test_what_the_school_typed_is_in_the_history_with_the_opinions_only(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    council(camille, opened_at=DURING_INTENTIONS)
    typed = entered_before(camille)
    journal.write(
        verb="school_entry_received", by=SIECLE, at=DURING_INTENTIONS, dossier=camille.dossier.uuid,
        submission=str(typed.uuid),
    )  # fmt: skip
    assert "Demande saisie par l’établissement" not in read(camille)
    statement(camille, answers=[(CAP, "Favorable")], published_at=DURING_OPINIONS, submission=typed)
    at(DURING_OPINIONS)
    assert "Demande saisie par l’établissement" in read(camille)


def test_an_act_that_families_have_no_use_for_is_left_out(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    entered(camille)
    journal.write(verb="some_technical_act", by=SIECLE, at=DURING_INTENTIONS, dossier=camille.dossier.uuid)
    assert "some_technical_act" not in read(camille)
