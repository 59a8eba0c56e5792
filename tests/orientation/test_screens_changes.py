"""The screens of a family whose school or council changed something after it (OPI-02, OPI-04, SIE-02…05, SIE-10)."""

from datetime import date, timedelta

import pytest
from django.http import HttpResponse

from ledger import journal
from ledger.journal import SIECLE
from ledger.models import OutgoingEmail
from orientation.actions.council import move_council, reset_council
from orientation.enums import Phase, WithdrawalReason
from orientation.models import Acknowledgement, Decision, Extension, FamilyAnswer, StatementWithdrawal, Submission
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    Family,
    council,
    family,
    statement,
)
from tests.orientation.screens import add, address, hidden, signed_in, text_of
from tests.orientation.states import (
    At,
    accepted,
    acknowledged,
    changed_by_school,
    entered,
    opinions_changed,
    opinions_published,
    proposed,
)

pytestmark = pytest.mark.django_db
READERS = ("mother", "father", "student")
INTENTIONS, CHOICES = {"phase": Phase.PROVISIONAL}, {"phase": Phase.DEFINITIVE}


def page(of: Family, who: str, screen: str, **path: object) -> HttpResponse:
    return signed_in(getattr(of, who)).get(address(of, screen, **path))


def reads(of: Family, who: str, screen: str, **path: object) -> str:
    return text_of(page(of, who, screen, **path))


# --- SIE-04 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", READERS)
def test_a_change_by_the_school_is_said_to_everybody_with_who_asked_and_the_first_version(at: At, who: str) -> None:
    camille = family()
    changed_by_school(camille, at)
    said = "comme l’a demandé Awa Diallo le lundi 9 mars 2026"
    screens = [reads(camille, who, "entry", **INTENTIONS), reads(camille, who, "opinions")]
    for screen in (*screens, reads(camille, who, "dossier"), reads(camille, who, "history")):
        assert "emande modifiée par l’établissement" in screen
        assert said in screen
    for screen in screens:
        assert "Fleuriste" in screen  # the new list
        assert "Métiers de l’alimentation" in screen  # the first one
    first = "Votre première saisie, validée par vous" if who == "mother" else "validée par " + camille.mother.full_name
    assert first in screens[0]


def test_the_history_tells_the_new_list_of_a_change(at: At) -> None:
    camille = family()
    changed_by_school(camille, at)
    told = reads(camille, "father", "history")
    assert "Intentions : demande modifiée par l’établissement (version 2)" in told
    assert "Spécialité(s) : Fleuriste" in told


def test_opinions_withdrawn_by_a_change_are_said_to_be_so_and_others_to_come(at: At) -> None:
    camille = family()
    changed_by_school(camille, at)
    told = reads(camille, "father", "opinions")
    assert "Avis retirés" in told
    assert "l’établissement a modifié la demande de la famille" in told
    assert "Le conseil de classe donnera de nouveaux avis" in told
    assert f"L’accusé de réception donné par {camille.father.full_name}" in told
    assert "J’accuse réception" not in told
    assert "Avis retirés" in reads(camille, "student", "dossier")


def test_opinions_on_the_changed_list_say_what_they_are_about(at: At) -> None:
    camille = family()
    change = changed_by_school(camille, at)
    later = DURING_OPINIONS + timedelta(days=3)
    statement(camille, answers=[(CAP, "Favorable")], published_at=later, submission=change)
    at(later)
    told = reads(camille, "mother", "opinions")
    assert "portent sur la nouvelle liste" in told
    assert "Avis retirés" not in told


# --- OPI-04 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", READERS)
def test_opinions_changed_after_the_acknowledgement_say_what_changed_and_keep_what_was_read(at: At, who: str) -> None:
    camille = family()
    opinions_changed(camille, at)
    told = reads(camille, who, "opinions")
    assert "Ces avis ont changé depuis l’accusé de réception" in told
    assert "avant : Réservé ; maintenant : Favorable" in told
    assert f"{camille.father.full_name} a accusé réception des avis précédents (version 1)" in told
    assert "Relire les avis de la version 1" in told
    assert "Les avis ont changé depuis l’accusé de réception" in reads(camille, who, "dossier")


def test_policy_tell_asks_for_no_other_acknowledgement(at: At) -> None:
    camille = family()
    opinions_changed(camille, at)
    told = reads(camille, "mother", "opinions")
    assert "Il n’y a pas de nouvel accusé de réception à donner" in told
    assert "J’accuse réception" not in told
    version = camille.dossier.statements.latest("version")
    again = signed_in(camille.mother).post(address(camille, "acknowledge"), {"statement": version.uuid})
    assert again.status_code == 409
    assert Acknowledgement.objects.get().statement.version == 1


def test_policy_again_asks_for_one_more_and_the_first_stays_shown(at: At) -> None:
    camille = family(policies={"opinion_change": "AGAIN"})
    opinions_changed(camille, at)
    mother = signed_in(camille.mother)
    shown = mother.get(address(camille, "opinions"))
    assert "un nouvel accusé de réception est demandé" in text_of(shown)
    said = mother.post(address(camille, "acknowledge"), {"statement": hidden(shown, "statement")}, follow=True)
    told = text_of(said)
    assert f"Par {camille.mother.full_name}" in told
    assert f"{camille.father.full_name} a accusé réception des avis précédents (version 1)" in told
    assert list(Acknowledgement.objects.order_by("at").values_list("statement__version", flat=True)) == [1, 2]


@pytest.mark.parametrize(("policy", "status"), [("TELL", 302), ("AGAIN", 409)])
def test_opinions_changed_during_the_definitive_entry_shut_its_gate_again_under_again(
    at: At, policy: str, status: int
) -> None:
    camille = family(policies={"opinion_change": policy})
    acknowledged(camille, at)
    at(DURING_CHOICES)
    mother = signed_in(camille.mother)
    assert add(mother, camille, "2GT", Phase.DEFINITIVE).status_code == 302
    opinions_changed(camille, at, when=DURING_CHOICES + timedelta(days=1), told=True)
    assert add(signed_in(camille.mother), camille, "CAP", Phase.DEFINITIVE).status_code == status
    if policy == "AGAIN":
        shown = signed_in(camille.father).get(address(camille, "opinions"))
        signed_in(camille.father).post(address(camille, "acknowledge"), {"statement": hidden(shown, "statement")})
        assert add(signed_in(camille.mother), camille, "CAP", Phase.DEFINITIVE).status_code == 302


def test_opinions_withdrawn_during_the_definitive_entry_shut_the_gate_under_again_and_the_page_says_why(at: At) -> None:
    camille = family(policies={"opinion_change": "AGAIN"})
    acknowledged(camille, at)
    changed_by_school(camille, at, when=DURING_CHOICES, told=True)
    told = reads(camille, "mother", "entry", **CHOICES)
    assert "aucun avis du conseil de classe n’est publié" in told
    assert "Avis retirés" in told and "l’établissement a modifié la demande de la famille" in told
    assert add(signed_in(camille.mother), camille, "2GT", Phase.DEFINITIVE).status_code == 409


# --- SIE-05 ---------------------------------------------------------------------------------------------------------


def reset(of: Family) -> None:
    where = of.student.division
    reset_council(
        uai=where.school.uai, year=2025, level="3E", division=where.code, phase=Phase.PROVISIONAL, held_on=None,
        by=SIECLE,
    )  # fmt: skip


def test_a_council_moved_shows_its_new_date(at: At) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    where = camille.student.division
    for day in (date(2026, 3, 2), date(2026, 3, 5)):
        move_council(
            uai=where.school.uai, year=2025, level="3E", division=where.code, phase=Phase.PROVISIONAL, held_on=day,
            by=SIECLE,
        )  # fmt: skip
    told = reads(camille, "father", "dossier")
    assert "Conseil de classe Phase provisoire (2e trimestre) Le jeudi 5 mars 2026" in told
    assert "lundi 2 mars 2026" not in told.replace("Du lundi 2 mars 2026", "")


def test_opinions_withdrawn_by_a_reset_say_why_and_what_comes_next(at: At) -> None:
    camille = family()
    opinions_published(camille, at)
    reset(camille)
    for screen in (reads(camille, "mother", "opinions"), reads(camille, "father", "dossier")):
        assert "Avis retirés" in screen
        assert "le conseil de classe doit se prononcer de nouveau" in screen
        assert "Les représentants légaux seront prévenus par courriel" in screen
        assert "de nouveau ouverte" not in screen  # its window has closed
    assert "Relire ce qui avait été publié" in reads(camille, "student", "opinions")


def test_a_reset_opens_the_entry_again_where_its_window_lasts_and_says_so(at: At) -> None:
    camille = family()
    opinions_published(camille, at)
    Extension.objects.create(
        campaign=camille.dossier.campaign, phase=Phase.PROVISIONAL, kind="ENTRY", reason="panne",
        closes_at=DURING_OPINIONS + timedelta(days=3), at=DURING_OPINIONS, by=camille.mother.user,
    )  # fmt: skip
    assert "Modifier les intentions" not in reads(camille, "mother", "entry", **INTENTIONS)
    reset(camille)
    told = reads(camille, "mother", "entry", **INTENTIONS)
    assert "Modifier les intentions" in told
    assert "La saisie est de nouveau ouverte jusqu’au vendredi 13 mars 2026" in told


def test_the_reset_of_another_division_s_council_withdraws_nothing(at: At) -> None:
    camille = family()
    opinions_published(camille, at)
    other = type(camille.student.division).objects.create(school=camille.student.school, year=2025, code="3 B")
    old, camille.student.division = camille.student.division, other
    camille.student.save()
    council(camille, opened_at=DURING_OPINIONS)
    reset(camille)  # the council of the new division, which has said nothing
    assert not StatementWithdrawal.objects.exists()
    assert "Avis retirés" not in reads(camille, "mother", "opinions")
    camille.student.division = old
    reset(camille)  # the one that spoke
    camille.student.division = other
    assert StatementWithdrawal.objects.get().reason == WithdrawalReason.RESET
    assert "Avis retirés" in reads(camille, "mother", "opinions")


# --- SIE-03 ---------------------------------------------------------------------------------------------------------


def too_late(of: Family, at: At, *, after: bool) -> Submission:
    """An entry that Siècle did not take before the council; `after`: an earlier one was."""
    at(DURING_INTENTIONS)
    if after:
        accepted(of, entered(of))
    at(DURING_INTENTIONS + timedelta(days=1))
    late = entered(of, choices=(CAP,), base_version=int(after))
    council(of, opened_at=DURING_INTENTIONS + timedelta(days=1, hours=1))
    at(DURING_INTENTIONS + timedelta(days=1, hours=2))
    return late


@pytest.mark.parametrize("who", READERS)
def test_an_entry_not_processed_says_what_stands_instead_and_what_to_do(at: At, who: str) -> None:
    camille = family()
    too_late(camille, at, after=True)
    for screen in (reads(camille, who, "entry", **INTENTIONS), reads(camille, who, "opinions")):
        assert "Saisie non traitée" in screen
        assert "examine à sa place la saisie précédente" in screen
        assert "il peut modifier la demande si vous le lui demandez" in screen
    assert "Saisie non traitée" in reads(camille, who, "dossier")


def test_an_entry_not_processed_with_nothing_before_it_says_that_the_school_may_type_it(at: At) -> None:
    camille = family()
    too_late(camille, at, after=False)
    assert "il peut saisir votre demande lui-même" in reads(camille, "father", "entry", **INTENTIONS)


@pytest.mark.corrupts("INV-55", "INV-71")
def test_an_entry_not_processed_is_to_be_validated_again_once_its_council_is_reset(at: At) -> None:
    camille = family()
    late = too_late(camille, at, after=True)
    camille.dossier.receipts.create(kind="SUBMISSION", ref=late.uuid, outcome="NOT_PROCESSED", at=late.submitted_at)
    reset(camille)
    assert "il faut la valider de nouveau" in reads(camille, "mother", "entry", **INTENTIONS)


# --- OPI-02, SIE-02, SIE-10 -----------------------------------------------------------------------------------------


def typed_by_school(of: Family) -> Submission:
    typed = Submission.objects.create(
        dossier=of.dossier, phase=Phase.PROVISIONAL, version=of.dossier.submissions.count() + 1, author_kind="SCHOOL",
        author_name="le secrétariat", choice_count=1, submitted_at=DURING_INTENTIONS, siecle_ref="typed",
    )  # fmt: skip
    typed.choices.create(rank=1, pathway="CAP", free_text="Fleuriste")
    journal.write(
        verb="school_entry_received", by=SIECLE, at=DURING_INTENTIONS, dossier=of.dossier.uuid,
        submission=str(typed.uuid), phase=Phase.PROVISIONAL, version=typed.version,
    )  # fmt: skip
    return typed


SCREENS = (("entry", INTENTIONS), ("opinions", {}), ("dossier", {}), ("history", {}), ("portal", None))


@pytest.mark.corrupts("INV-76")
@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize(("screen", "path"), SCREENS)
def test_what_the_school_typed_is_nowhere_before_the_opinions(at: At, who: str, screen: str, path: dict | None) -> None:
    camille = family()
    at(DURING_INTENTIONS)
    council(camille, opened_at=DURING_INTENTIONS)
    typed = typed_by_school(camille)
    where = address(camille, screen, **path) if path is not None else "/mes-services/"
    told = text_of(signed_in(getattr(camille, who)).get(where))
    assert "Fleuriste" not in told and "saisie par l’établissement" not in told and "par l’établissement le" not in told
    assert not OutgoingEmail.objects.exists()
    statement(camille, answers=[(CAP, "Favorable")], published_at=DURING_OPINIONS, submission=typed)
    at(DURING_OPINIONS)
    if screen in ("entry", "opinions", "history"):
        assert "Fleuriste" in text_of(signed_in(getattr(camille, who)).get(where))
    elif screen == "dossier":
        assert "Validé par l’établissement le" in text_of(signed_in(getattr(camille, who)).get(where))


@pytest.mark.corrupts("INV-64", "INV-76")
@pytest.mark.parametrize("who", READERS)
def test_the_answer_recorded_by_the_school_is_read_by_everybody(at: At, who: str) -> None:
    camille = family()
    proposed(camille, at)
    given = FamilyAnswer.objects.create(
        statement=camille.dossier.statements.get(phase=Phase.DEFINITIVE), kind="ACCEPTED", author_kind="SCHOOL",
        author_name="le secrétariat", at=DURING_PROPOSALS, siecle_ref="answer",
    )  # fmt: skip
    given.accepted.create(council_answer=given.statement.answers.get(pathway="2PRO"))
    made = Decision.objects.create(dossier=camille.dossier, origin="ACCEPTANCE", answer=given, at=DURING_PROPOSALS)
    made.pathways.create(pathway="2PRO")
    journal.write(
        verb="answer_recorded_by_school", by=SIECLE, at=DURING_PROPOSALS, dossier=camille.dossier.uuid,
        answer=str(given.uuid), kind="ACCEPTED",
    )  # fmt: skip
    told = reads(camille, who, "proposals")
    assert "Réponse enregistrée par l’établissement" in told
    assert "2de professionnelle" in told
    assert "Réponse donnée par l’établissement" in reads(camille, who, "dossier")
    assert "Réponse enregistrée par l’établissement" in reads(camille, who, "history")


@pytest.mark.corrupts("INV-72", "INV-76")
def test_the_list_in_force_is_the_family_s_when_both_entered(at: At) -> None:
    camille = family()
    opinions_published(camille, at)
    typed_by_school(camille)
    told = reads(camille, "father", "entry", **INTENTIONS)
    assert "Métiers de l’alimentation" in told and "Fleuriste" not in told


def test_definitive_choices_changed_by_the_school_are_said_on_the_proposals_screen(at: At) -> None:
    camille = family()
    proposed(camille, at)
    given = camille.dossier.statements.get(phase=Phase.DEFINITIVE)
    changed_by_school(camille, at, phase=Phase.DEFINITIVE, told=True, when=DURING_PROPOSALS + timedelta(hours=1))
    assert given.withdrawal.reason == WithdrawalReason.ENTRY_CHANGED
    told = reads(camille, "mother", "proposals")
    assert "Demande modifiée par l’établissement" in told and "Propositions retirées" in told
    assert GT.label in told and PRO.label in told
    assert "Accepter ce que j’ai coché" not in told
