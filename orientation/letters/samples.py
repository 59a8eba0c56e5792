"""One letter of each kind and variant, about a made-up family: to be read one by one before any is sent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ledger.mail import Letter
from orientation.enums import (
    AcknowledgementBy,
    AnsweredBy,
    AuthorKind,
    DecisionOrigin,
    OpinionChange,
    Phase,
    Proposal,
    ReceiptOutcome,
    WindowKind,
    WithdrawalReason,
)
from orientation.facts import PenFact
from orientation.letters.envelope import Envelope
from orientation.letters.rendering import KINDS, letter_of
from orientation.letters.sample_facts import (
    CAP,
    CHOICES,
    CHOSEN,
    CLOSED,
    ENTRY,
    FACTS,
    FATHER,
    GIVEN,
    GT,
    INTENTIONS,
    MOTHER,
    OF_AGE,
    OPINIONS,
    PRO,
    PROPOSALS,
    PROPOSED,
    PUPIL,
    answer,
    answered,
    at,
    decision,
    entry,
    envelope,
    signed,
    statement,
)

PEN = ((Phase.DEFINITIVE, PenFact(MOTHER, "Awa Diallo")),)


@dataclass(frozen=True, slots=True)
class Sample:
    """`slug` is its address; `title` says what happened, and who reads."""

    kind: str
    slug: str
    title: str
    envelope: Envelope

    @property
    def letter(self) -> Letter:
        return letter_of(self.envelope, KINDS[self.kind](self.envelope))


def samples() -> tuple[Sample, ...]:
    """In the order of the year."""
    makers = (recaps, changed_by_others, opinions, proposals, answers, agreements, decisions, reminders)
    return tuple(sample for make in makers for sample in make())


def recaps() -> Iterator[Sample]:
    first = replace(FACTS, submissions=(ENTRY,))
    yield Sample("recap_author", "recapitulatif", "Intentions validées, à qui les a saisies",
                 envelope(first, MOTHER, INTENTIONS, about=ENTRY.uuid))  # fmt: skip
    yield Sample("recap_other", "recapitulatif-autre", "Intentions validées, à l’autre représentant",
                 envelope(first, FATHER, INTENTIONS, about=ENTRY.uuid))  # fmt: skip
    yield Sample("recap_author", "recapitulatif-ferme", "Intentions validées, saisie fermée depuis",
                 envelope(first, MOTHER, CLOSED, about=ENTRY.uuid))  # fmt: skip
    for slug, choices, what in (
        ("modifie", (PRO, CAP), "Liste modifiée depuis le dernier récapitulatif"),
        ("de-nouveau", (GT, PRO), "Même liste validée de nouveau"),
    ):
        later = entry(Phase.PROVISIONAL, *choices, when=at(1, 22, 18))
        facts = replace(FACTS, submissions=(ENTRY, later))
        for kind, reader, suffix, whom in (
            ("recap_author", MOTHER, "", "à qui l’a saisie"),
            ("recap_other", FATHER, "-autre", "à l’autre représentant"),
        ):
            yield Sample(kind, f"recapitulatif-{slug}{suffix}", f"{what}, {whom}",
                         envelope(facts, reader, later.at, about=later.uuid, recapped=(ENTRY.uuid,)))  # fmt: skip
    chosen = replace(FACTS, submissions=(ENTRY, CHOSEN))
    yield Sample("recap_author", "recapitulatif-choix", "Choix définitifs validés, à qui les a saisis",
                 envelope(chosen, MOTHER, CHOICES, about=CHOSEN.uuid))  # fmt: skip
    yield Sample("recap_other", "recapitulatif-choix-autre", "Choix définitifs validés, à l’autre représentant",
                 envelope(chosen, FATHER, CHOICES, about=CHOSEN.uuid))  # fmt: skip
    own = entry(Phase.PROVISIONAL, GT, PRO, when=INTENTIONS, by=PUPIL)
    of_age = replace(OF_AGE, submissions=(own,))
    yield Sample("recap_author", "recapitulatif-majeur", "Intentions d’un élève majeur, à l’élève",
                 envelope(of_age, PUPIL, INTENTIONS, about=own.uuid))  # fmt: skip
    yield Sample("recap_other", "recapitulatif-majeur-parent", "Intentions d’un élève majeur, à un représentant",
                 envelope(of_age, FATHER, INTENTIONS, about=own.uuid))  # fmt: skip


def changed_by_others() -> Iterator[Sample]:
    """What Siècle, the school or the académie did."""
    kept = replace(ENTRY, outcome=ReceiptOutcome.ACCEPTED)
    late = entry(Phase.PROVISIONAL, CAP, when=at(2, 20, 18), outcome=ReceiptOutcome.NOT_PROCESSED)
    unprocessed = replace(FACTS, submissions=(kept, late))
    yield Sample("entry_not_processed", "non-traitee", "Liste arrivée trop tard, une liste précédente compte",
                 envelope(unprocessed, MOTHER, CLOSED, about=late.uuid))  # fmt: skip
    yield Sample("entry_not_processed", "non-traitee-autre", "Liste arrivée trop tard, à l’autre représentant",
                 envelope(unprocessed, FATHER, CLOSED, about=late.uuid))  # fmt: skip
    yield Sample("entry_not_processed", "non-traitee-seule", "Liste arrivée trop tard, aucune autre liste",
                 envelope(replace(FACTS, submissions=(late,)), MOTHER, CLOSED, about=late.uuid))  # fmt: skip
    change = entry(Phase.PROVISIONAL, CAP, when=OPINIONS, asked_by="Awa Diallo", asked_on=date(2026, 3, 9))
    withdrawn = replace(GIVEN, withdrawn_at=OPINIONS, withdrawn_because=WithdrawalReason.ENTRY_CHANGED)
    changed = replace(FACTS, submissions=(kept, change), statements=(withdrawn,))
    for slug, reader, whom in (("", MOTHER, "à qui avait saisi"), ("-autre", FATHER, "à l’autre représentant")):
        yield Sample("entry_changed_by_school", f"modifiee-par-etablissement{slug}",
                     f"Demande modifiée par l’établissement, {whom}",
                     envelope(changed, reader, OPINIONS, about=change.uuid))  # fmt: skip
    pen: dict[str, Any] = {"phase": Phase.PROVISIONAL, "released_at": INTENTIONS.isoformat()}
    first = replace(FACTS, submissions=(ENTRY,))
    yield Sample("pen_released", "saisie-liberee", "Saisie libérée par l’établissement",
                 envelope(first, FATHER, INTENTIONS, lost=False, reason="Désaccord.", **pen))  # fmt: skip
    yield Sample("pen_released", "saisie-liberee-perdue", "Saisie libérée\u00a0: son auteur ne peut plus agir",
                 envelope(first, FATHER, INTENTIONS, lost=True, **pen))  # fmt: skip
    for slug, kind, end, now in (
        ("saisie", WindowKind.ENTRY, at(2, 21), INTENTIONS),
        ("consultation", WindowKind.CONSULTATION, at(5, 1), OPINIONS),
    ):
        yield Sample("window_extended", f"prolongation-{slug}", f"Date prolongée\u00a0: {kind.label}",
                     envelope(first, FATHER, now, phase=Phase.PROVISIONAL, kind=kind,
                              closes_at=end.isoformat()))  # fmt: skip


def opinions() -> Iterator[Sample]:
    facts = replace(FACTS, submissions=(ENTRY,), statements=(GIVEN,))
    alone = replace(facts, policies=replace(facts.policies, acknowledgement_by=AcknowledgementBy.AUTHOR))
    gone = replace(facts, statements=(replace(GIVEN, withdrawn_at=OPINIONS),))
    for slug, what, of, reader in (
        ("", "un représentant suffit", facts, FATHER),
        ("-auteur", "à qui doit en accuser réception seul", alone, MOTHER),
        ("-autre", "à celui qui ne peut que les lire", alone, FATHER),
        ("-retires", "retirés depuis", gone, FATHER),
    ):
        yield Sample("opinions_available", f"avis{slug}", f"Avis disponibles, {what}",
                     envelope(of, reader, OPINIONS, about=GIVEN.uuid))  # fmt: skip
    first = replace(GIVEN, acknowledgement=signed(FATHER, at(3, 6, 18)), withdrawn_at=at(3, 9, 10),
                    withdrawn_because=WithdrawalReason.CHANGED)  # fmt: skip
    second = statement(Phase.PROVISIONAL, ENTRY, (GT, "Favorable"), (PRO, "Favorable"), when=OPINIONS)
    told = replace(facts, statements=(first, second))
    again = replace(told, policies=replace(told.policies, opinion_change=OpinionChange.AGAIN))
    for slug, what, of in (("", "déjà lus", told), ("-de-nouveau", "nouvel accusé de réception demandé", again)):
        yield Sample("opinions_changed", f"avis-modifies{slug}", f"Avis modifiés, {what}",
                     envelope(of, MOTHER, OPINIONS, about=second.uuid))  # fmt: skip


def proposals() -> Iterator[Sample]:
    facts = replace(FACTS, submissions=(CHOSEN,), statements=(PROPOSED,), pens=PEN)
    for slug, reader, whom in (("", MOTHER, "à qui répond"), ("-autre", FATHER, "à l’autre représentant")):
        yield Sample("proposals_available", f"propositions{slug}", f"Propositions disponibles, {whom}",
                     envelope(facts, reader, PROPOSALS, about=PROPOSED.uuid))  # fmt: skip
    gone = replace(PROPOSED, withdrawn_at=at(6, 4, 10), withdrawn_because=WithdrawalReason.CHANGED)
    second = statement(
        Phase.DEFINITIVE, CHOSEN, (GT, Proposal.YES), (PRO, Proposal.YES), (CAP, Proposal.YES), when=PROPOSALS
    )
    yield Sample("opinions_changed", "propositions-modifiees", "Propositions modifiées, à qui répond",
                 envelope(replace(facts, statements=(gone, second)), MOTHER, PROPOSALS, about=second.uuid))  # fmt: skip


def answers() -> Iterator[Sample]:
    everyone = replace(FACTS, policies=replace(FACTS.policies, answered_by=AnsweredBy.ALL))
    waiting = [str(FATHER)]
    for kind, slug, what, given in (
        ("answer_accepted", "acceptation", "Propositions acceptées", answer(PRO)),
        ("answer_refused", "refus", "Propositions refusées", answer()),
    ):
        decided = kind == "answer_accepted"
        for suffix, reader, role, whom in (
            ("author", MOTHER, "", "à qui a répondu"), ("other", FATHER, "-autre", "à l’autre représentant"),
        ):  # fmt: skip
            yield Sample(f"{kind}_{suffix}", f"{slug}{role}", f"{what}, {whom}",
                         envelope(answered(given), reader, PROPOSALS, about=given.uuid, decided=decided))  # fmt: skip
            yield Sample(f"{kind}_{suffix}", f"{slug}{role}-accord", f"{what}, {whom}, l’accord de tous est attendu",
                         envelope(answered(given, everyone), reader, PROPOSALS, about=given.uuid, decided=False,
                                  awaited=waiting))  # fmt: skip
        typed = replace(given, author=None, author_kind=AuthorKind.SCHOOL, author_name="Collège Lucie-Aubrac")
        yield Sample(f"{kind}_other", f"{slug}-etablissement", f"{what}, réponse saisie par l’établissement",
                     envelope(answered(typed), FATHER, PROPOSALS, about=given.uuid, decided=decided))  # fmt: skip


def agreements() -> Iterator[Sample]:
    everyone = replace(FACTS, policies=replace(FACTS.policies, answered_by=AnsweredBy.ALL))
    given = answer(PRO)
    yield Sample("agreement_awaited", "accord-attendu", "Accord attendu d’un représentant arrivé depuis",
                 envelope(answered(given, everyone), FATHER, PROPOSALS, about=given.uuid, decided=False,
                          awaited=[str(FATHER)]))  # fmt: skip
    for agrees, word in ((True, "oui"), (False, "non")):
        said = signed(FATHER, at(6, 6, 10), agrees=agrees)
        facts = answered(answer(PRO, agreements=(said,)), everyone)
        for slug, reader, whom in (("", MOTHER, "à qui avait répondu"), ("-autre", FATHER, "à qui l’a dit")):
            yield Sample("agreement_outcome", f"accord-{word}{slug}", f"«\u00a0{word}\u00a0» à la réponse, {whom}",
                         envelope(facts, reader, said.at, about=said.uuid, decided=agrees, awaited=[]))  # fmt: skip


def decisions() -> Iterator[Sample]:
    for slug, what, origin, notified_on in (
        ("chef", "du chef d’établissement, après entretien", DecisionOrigin.HEAD, date(2026, 6, 10)),
        ("chef-non-notifiee", "du chef d’établissement, pas encore notifiée", DecisionOrigin.HEAD, None),
        ("appel", "de la commission d’appel", DecisionOrigin.APPEAL, date(2026, 6, 10)),
        ("acceptation", "après acceptation", DecisionOrigin.ACCEPTANCE, None),
    ):
        made = decision(origin, notified_on=notified_on)
        facts = answered(answer(), decisions=(made,))
        yield Sample("decision_recorded", f"decision-{slug}", f"Décision {what}",
                     envelope(facts, FATHER, made.at, about=made.uuid))  # fmt: skip


def reminders() -> Iterator[Sample]:
    everyone = replace(FACTS, policies=replace(FACTS.policies, answered_by=AnsweredBy.ALL))
    proposed = replace(FACTS, submissions=(CHOSEN,), statements=(PROPOSED,), pens=PEN)
    for slug, what, facts, reader, now in (
        ("saisie", "intentions à saisir", FACTS, MOTHER, INTENTIONS),
        ("avis", "avis à lire", replace(FACTS, submissions=(ENTRY,), statements=(GIVEN,)), MOTHER, OPINIONS),
        ("reponse", "propositions auxquelles répondre", proposed, MOTHER, PROPOSALS),
        (
            "accord",
            "réponse à laquelle dire «\u00a0oui\u00a0» ou «\u00a0non\u00a0»",
            answered(answer(PRO), everyone),
            FATHER,
            PROPOSALS,
        ),
    ):
        yield Sample("reminder", f"rappel-{slug}", f"Rappel\u00a0: {what}", envelope(facts, reader, now))
