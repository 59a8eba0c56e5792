"""Each letter, whole (MAI): what a tired parent reads on a phone, and nothing of the other parent but the name."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from ledger.models import OutgoingEmail
from orientation import letters
from orientation.actions import agree, lift_gate, release_pen
from orientation.enums import DecisionOrigin, Phase, ReceiptKind, ReceiptOutcome, WithdrawalReason
from orientation.models import DecidedPathway, Decision, SiecleReceipt, StatementWithdrawal, Submission
from tests import factories
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    PRO,
    Family,
    actor,
)
from tests.orientation.letter_box import (
    answer,
    enter,
    gave_opinions,
    gave_proposals,
    letter,
    matches_snapshot,
    named_family,
    read_opinions,
    row_of,
    write,
)

pytestmark = pytest.mark.django_db
At = Callable[[datetime | str], None]
PROVISIONAL, DEFINITIVE = Phase.PROVISIONAL, Phase.DEFINITIVE


def intentions(at: At, **policies: Any) -> tuple[Family, Submission]:
    at(DURING_INTENTIONS)
    family = named_family(**policies)
    return family, enter(family, family.mother, PROVISIONAL, GT, PRO)


def choices(at: At, **policies: Any) -> tuple[Family, Submission]:
    at(DURING_CHOICES)
    family = named_family(**policies)
    lift_gate(
        dossier=family.dossier.uuid, reason="pas d’avis", user=factories.staff(family.student.school),
        by=actor(family.mother),
    )  # fmt: skip
    return family, enter(family, family.mother, DEFINITIVE, GT, PRO, CAP)


def proposals(at: At, **policies: Any) -> tuple[Family, Any]:
    family, entry = choices(at, **policies)
    at(DURING_PROPOSALS)
    return family, gave_proposals(family, entry, DURING_PROPOSALS)


def test_recap_of_intentions_to_who_entered_them_and_to_the_other(at: At) -> None:
    family, _ = intentions(at)
    matches_snapshot(letter("recap_author", family.mother), "recap_intentions_author")
    matches_snapshot(letter("recap_other", family.father), "recap_intentions_other")


def test_recap_of_definitive_choices_to_who_entered_them_and_to_the_other(at: At) -> None:
    family, _ = choices(at)
    matches_snapshot(letter("recap_author", family.mother), "recap_choices_author")
    matches_snapshot(letter("recap_other", family.father), "recap_choices_other")


def test_recap_sent_after_the_closing_says_that_it_is_closed(at: At) -> None:
    family, _ = intentions(at)
    at(INTENTIONS_CLOSE)
    matches_snapshot(letter("recap_author", family.mother), "recap_intentions_author_closed")
    matches_snapshot(letter("recap_other", family.father), "recap_intentions_other_closed")


def test_recap_says_nothing_of_another_representative_when_there_is_none(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family(parents=1)
    enter(family, family.mother, PROVISIONAL)
    assert "autre représentant" not in letter("recap_author", family.mother).text


def test_recap_reports_the_version_of_its_row_with_today_s_deadline(at: At) -> None:
    family, first = intentions(at)
    enter(family, family.mother, PROVISIONAL, CAP)
    row = OutgoingEmail.objects.get(kind="recap_author", about=first.uuid)
    factories.campaign().windows.filter(phase=PROVISIONAL, kind="ENTRY").update(
        closes_at=INTENTIONS_CLOSE - timedelta(days=1)
    )
    text = letters.render(row).text
    assert "2de professionnelle" in text and "1re année de CAP" not in text
    assert "jusqu’au jeudi 19 février 2026 à 23\u00a0h\u00a059 (heure de Paris)" in text


def test_hours_are_those_of_the_school(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family()
    family.student.school.own_timezone = "Indian/Reunion"
    family.student.school.save()
    enter(family, family.mother, PROVISIONAL)
    assert (
        "mardi 20 janvier 2026 à 22\u00a0h\u00a000 (heure de La Réunion)" in letter("recap_other", family.father).text
    )


def test_pupil_of_age_has_a_recap_of_their_own_and_the_parents_are_told(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family(birth_date=date(2008, 1, 20))
    enter(family, family.student, PROVISIONAL)
    matches_snapshot(letter("recap_author", family.student), "recap_intentions_pupil_of_age")
    matches_snapshot(letter("recap_other", family.father), "recap_intentions_other_of_pupil_of_age")


def test_entry_not_processed_names_the_list_that_stands(at: At) -> None:
    family, first = intentions(at)
    SiecleReceipt.objects.create(
        dossier=family.dossier, kind=ReceiptKind.SUBMISSION, ref=first.uuid, outcome=ReceiptOutcome.ACCEPTED,
        at=DURING_INTENTIONS + timedelta(hours=8),
    )  # fmt: skip
    at(DURING_INTENTIONS + timedelta(days=1))
    late = enter(family, family.mother, PROVISIONAL, CAP)
    for parent in family.parents:
        write(family, "entry_not_processed", parent, late.uuid, DURING_OPINIONS)
    matches_snapshot(letter("entry_not_processed", family.mother), "entry_not_processed_author")
    matches_snapshot(letter("entry_not_processed", family.father), "entry_not_processed_other")


def test_entry_not_processed_says_when_no_list_stands(at: At) -> None:
    family, only = intentions(at)
    write(family, "entry_not_processed", family.father, only.uuid, DURING_OPINIONS)
    assert "Aucune liste validée par la famille" in letter("entry_not_processed", family.father).text


def test_both_are_told_that_the_pen_is_released(at: At) -> None:
    family, _ = intentions(at)
    release_pen(
        dossier=family.dossier.uuid, phase=PROVISIONAL, reason="désaccord\ndit au collège", by=actor(family.mother)
    )  # fmt: skip
    matches_snapshot(letter("pen_released", family.mother), "pen_released")
    assert letter("pen_released", family.father).text.startswith("Bonjour Jean-Noël L’Hôte,")


def test_extension_tells_the_new_date(at: At) -> None:
    family, _ = intentions(at)
    later = (INTENTIONS_CLOSE + timedelta(days=3)).isoformat()
    factories.campaign().windows.filter(phase=PROVISIONAL, kind="ENTRY").update(closes_at=later)
    write(family, "window_extended", family.father, family.dossier.uuid, DURING_INTENTIONS)
    OutgoingEmail.objects.filter(kind="window_extended").update(
        data={"phase": "PROVISIONAL", "kind": "ENTRY", "closes_at": later}
    )
    matches_snapshot(letter("window_extended", family.father), "window_extended")


@pytest.mark.corrupts("INV-54")
def test_opinions_available_says_until_when_to_acknowledge(at: At) -> None:
    family, entry = intentions(at)
    at(DURING_OPINIONS)
    given = gave_opinions(family, (GT, "Réservé"), (PRO, "Favorable"), at=DURING_OPINIONS, entry=entry)
    write(family, "opinions_available", family.father, given.uuid, DURING_OPINIONS)
    matches_snapshot(letter("opinions_available", family.father), "opinions_available")


@pytest.mark.corrupts("INV-27")
def test_opinions_acknowledged_by_the_author_only_say_who_it_is(at: At) -> None:
    family, entry = intentions(at, acknowledgement_by="AUTHOR")
    given = gave_opinions(family, (GT, "Réservé"), at=DURING_OPINIONS, entry=entry)
    for parent in family.parents:
        write(family, "opinions_available", parent, given.uuid, DURING_OPINIONS)
    assert "C’est à vous d’en accuser réception" in letter("opinions_available", family.mother).text
    assert "C’est à Awa Diallo d’en accuser réception" in letter("opinions_available", family.father).text


@pytest.mark.corrupts("INV-54", "INV-68")
@pytest.mark.parametrize(("policy", "snapshot"), [("TELL", "opinions_changed"), ("AGAIN", "opinions_changed_again")])
def test_changed_opinions_tell_what_changed_and_whether_to_acknowledge_again(
    at: At, policy: str, snapshot: str
) -> None:
    family, entry = intentions(at, opinion_change=policy)
    at(DURING_OPINIONS)
    first = gave_opinions(family, (GT, "Réservé"), (PRO, "Favorable"), at=DURING_OPINIONS, entry=entry)
    read_opinions(family, first, family.father)
    at(DURING_OPINIONS + timedelta(days=2))
    StatementWithdrawal.objects.create(statement=first, at=DURING_OPINIONS, reason=WithdrawalReason.CHANGED)
    second = gave_opinions(
        family, (GT, "Favorable"), (PRO, "Favorable"), at=DURING_OPINIONS + timedelta(days=2), entry=entry
    )
    write(family, "opinions_changed", family.mother, second.uuid, DURING_OPINIONS)
    matches_snapshot(letter("opinions_changed", family.mother), snapshot)


@pytest.mark.corrupts("INV-27")
def test_proposals_available_says_who_answers(at: At) -> None:
    family, given = proposals(at)
    for parent in family.parents:
        write(family, "proposals_available", parent, given.uuid, DURING_PROPOSALS)
    matches_snapshot(letter("proposals_available", family.mother), "proposals_available_author")
    matches_snapshot(letter("proposals_available", family.father), "proposals_available_other")


@pytest.mark.corrupts("INV-27", "INV-54")
def test_acceptance_is_told_with_its_decision(at: At) -> None:
    family, given = proposals(at)
    answer(family, given, family.mother, PRO)
    matches_snapshot(letter("answer_accepted_author", family.mother), "answer_accepted_author")
    matches_snapshot(letter("answer_accepted_other", family.father), "answer_accepted_other")


@pytest.mark.corrupts("INV-27", "INV-54")
def test_refusal_asks_to_meet_the_head_and_says_nothing_of_the_appeal_delay(at: At) -> None:
    family, given = proposals(at)
    answer(family, given, family.mother)
    matches_snapshot(letter("answer_refused_author", family.mother), "answer_refused_author")
    matches_snapshot(letter("answer_refused_other", family.father), "answer_refused_other")
    assert "trois jours" not in letter("answer_refused_author", family.mother).text


@pytest.mark.corrupts("INV-27", "INV-54")
def test_acceptance_that_needs_the_others_asks_them_until_when(at: At) -> None:
    family, given = proposals(at, answered_by="ALL")
    answer(family, given, family.mother, PRO)
    matches_snapshot(letter("answer_accepted_author", family.mother), "answer_accepted_author_awaiting")
    matches_snapshot(letter("answer_accepted_other", family.father), "answer_accepted_other_awaited")


@pytest.mark.corrupts("INV-27", "INV-54")
def test_refusal_that_needs_the_others_asks_them_too(at: At) -> None:
    family, given = proposals(at, answered_by="ALL")
    answer(family, given, family.mother)
    matches_snapshot(letter("answer_refused_author", family.mother), "answer_refused_author_awaiting")
    matches_snapshot(letter("answer_refused_other", family.father), "answer_refused_other_awaited")


@pytest.mark.corrupts("INV-27", "INV-54")
@pytest.mark.parametrize("agrees", [True, False])
def test_agreement_tells_its_outcome_to_each(at: At, agrees: bool) -> None:
    family, given = proposals(at, answered_by="ALL")
    said = answer(family, given, family.mother, PRO)
    agree(dossier=family.dossier.uuid, answer=said.uuid, agrees=agrees, by=actor(family.father))
    word = "yes" if agrees else "no"
    matches_snapshot(letter("agreement_outcome", family.mother), f"agreement_{word}_author")
    matches_snapshot(letter("agreement_outcome", family.father), f"agreement_{word}_other")


@pytest.mark.corrupts("INV-27", "INV-54")
def test_agreement_of_one_of_two_still_awaits_the_third(at: At) -> None:
    family, given = proposals(
        at,
        answered_by="ALL",
    )
    third = factories.representative(family.student, first_name="Inès", family_name="Diallo")
    said = answer(family, given, family.mother, PRO)
    agree(dossier=family.dossier.uuid, answer=said.uuid, agrees=True, by=actor(family.father))
    assert "Il n’y a pas encore de décision" in letter("agreement_outcome", family.mother).text
    assert letter("agreement_outcome", third).subject.endswith(
        "Votre accord est attendu sur la réponse au conseil de classe"
    )


@pytest.mark.corrupts("INV-27", "INV-54", "INV-64")
def test_decision_of_the_head_tells_the_appeal_delay_and_that_of_the_appeal_does_not(at: At) -> None:
    family, given = proposals(at)
    answer(family, given, family.mother)
    for origin, name in ((DecisionOrigin.HEAD, "decision_of_the_head"), (DecisionOrigin.APPEAL, "decision_on_appeal")):
        made = Decision.objects.create(
            dossier=family.dossier, origin=origin, at=DURING_PROPOSALS, notified_on=date(2026, 6, 10)
        )
        DecidedPathway.objects.create(decision=made, pathway=PRO.pathway)
        write(family, "decision_recorded", family.father, made.uuid, datetime.now(UTC) + timedelta(hours=1))
        row = OutgoingEmail.objects.get(kind="decision_recorded", about=made.uuid)
        matches_snapshot(letters.render(row), name)


@pytest.mark.corrupts("INV-27", "INV-54")
def test_no_letter_holds_anything_of_the_other_parent_but_the_name(at: At) -> None:
    family, given = proposals(at, answered_by="ALL")
    said = answer(family, given, family.mother, PRO)
    agree(dossier=family.dossier.uuid, answer=said.uuid, agrees=False, by=actor(family.father))
    rows = list(OutgoingEmail.objects.all())
    assert len(rows) == 6
    for row in rows:
        mine, other = (family.mother, family.father)[:: 1 if row.recipient_uuid == family.mother.uuid else -1]
        sent = letters.render(row)
        assert sent.to == mine.email
        assert other.email not in f"{sent.subject}{sent.text}{sent.html}{sent.sender}{sent.reply_to}"


def test_who_is_no_longer_a_legal_representative_is_not_written_to(at: At) -> None:
    family, _ = intentions(at)
    family.father.guardianships.update(ended_on=date(2026, 1, 20))
    with pytest.raises(letters.NoAddress):
        letter("recap_other", family.father)


@pytest.mark.parametrize("address", ["", "pas une adresse", "a@exemple.invalid\nBcc: b@exemple.invalid"])
def test_without_a_valid_address_nobody_is_written_to(at: At, address: str) -> None:
    family, _ = intentions(at)
    type(family.father).objects.filter(pk=family.father.pk).update(email=address)
    with pytest.raises(letters.NoAddress):
        letter("recap_other", family.father)


def test_what_a_family_typed_is_text_and_only_text(at: At) -> None:
    at(DURING_INTENTIONS)
    family = named_family()
    typed = "<script>alert(1)</script>\n\n## Titre\n- puce"
    enter(family, family.mother, PROVISIONAL, type(PRO)("2PRO", free_text=typed))
    sent = letter("recap_other", family.father)
    assert "<script>" not in sent.html and "&lt;script&gt;" in sent.html
    assert "<script>alert(1)</script> ## Titre - puce" in sent.text


def test_a_letter_of_an_unknown_kind_or_version_is_a_broken_row(at: At) -> None:
    family, entry = intentions(at)
    write(family, "surprise", family.mother, entry.uuid, DURING_INTENTIONS)
    write(family, "opinions_available", family.mother, uuid4(), DURING_INTENTIONS)
    with pytest.raises(letters.UnknownKind):
        letter("surprise", family.mother)
    with pytest.raises(letters.UnknownVersion):
        letter("opinions_available", family.mother)


def test_a_letter_costs_few_queries(at: At, django_assert_max_num_queries: Any) -> None:
    family, _ = intentions(at)
    row = row_of("recap_other", family.father)
    with django_assert_max_num_queries(6):
        letters.render(row)
