"""Every state of the family's screens: a small story each, told by the acts themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from families.models import Representative, Student
from orientation import actions
from orientation.enums import Phase, Proposal
from orientation.models import Submission
from orientation.pathways import Choice
from tests.factories import (
    CAP,
    CHOICES_CLOSE,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    INTENTIONS_OPEN,
    PRO,
    Family,
    accepted,
    actor,
    council,
    decided,
    family,
    staff,
    statement,
    typed,
)
from tests.orientation.second import (
    eleven_drafted,
    eleven_entered,
    offer_changed,
    open_to_second,
    second_answered,
    second_choosing,
    second_decided,
    second_proposed,
)

At = Callable[[datetime], None]
INTENTIONS = {"phase": Phase.PROVISIONAL}
CHOICES = {"phase": Phase.DEFINITIVE}
LATER = DURING_OPINIONS + timedelta(days=1)


def entered(
    of: Family, phase: str = Phase.PROVISIONAL, choices: tuple = (GT, PRO), base_version: int = 0
) -> Submission:
    return actions.submit_choices(
        dossier=of.dossier.uuid, phase=phase, choices=choices, base_version=base_version, by=actor(of.mother)
    )


def opinions_published(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    made = entered(of)
    accepted(of, made)
    council(of, opened_at=INTENTIONS_CLOSE)
    statement(
        of, answers=[(GT, "Réservé"), (PRO, "Favorable")], beside=[CAP], published_at=DURING_OPINIONS, submission=made
    )
    at(DURING_OPINIONS)


def acknowledged(of: Family, at: At) -> None:
    """Intentions entered, opinions published and acknowledged: the definitive choices may be entered."""
    opinions_published(of, at)
    given = of.dossier.statements.get()
    actions.acknowledge(dossier=of.dossier.uuid, statement=given.uuid, by=actor(of.father))


def opinions_changed(of: Family, at: At, *, when: datetime = LATER, told: bool = False) -> None:
    """The council changes its opinions once they are acknowledged (OPI-04). `told`: the story so far is."""
    if not told:
        acknowledged(of, at)
    read = of.dossier.statements.get(withdrawal=None)
    answers = [(GT, "Favorable"), (PRO, "Favorable")]
    statement(of, answers=answers, published_at=when, submission=read.submission)
    at(when)


def changed_by_school(
    of: Family, at: At, *, phase: str = Phase.PROVISIONAL, when: datetime = LATER, told: bool = False
) -> Submission:
    """The school changes the entry at the family's request, as the night writes it (SIE-04). `told`: as above."""
    if not told:
        acknowledged(of, at)
    change = Choice("CAP", free_text="Fleuriste")
    made = typed(of, phase, change, at=when, asked_by="Awa Diallo", asked_on=date(2026, 3, 9))
    at(when)
    return made


def choices_open(of: Family, at: At) -> None:
    acknowledged(of, at)
    at(DURING_CHOICES)


def proposed(of: Family, at: At) -> None:
    """Choices entered by the mother, proposals published: « Oui » to 2de pro, « Non » to 2de GT, CAP beside."""
    choices_open(of, at)
    made = entered(of, Phase.DEFINITIVE)
    accepted(of, made)
    council(of, Phase.DEFINITIVE, opened_at=CHOICES_CLOSE)
    statement(
        of, Phase.DEFINITIVE, answers=[(GT, Proposal.NO), (PRO, Proposal.YES)], beside=[CAP],
        published_at=DURING_PROPOSALS, submission=made,
    )  # fmt: skip
    at(DURING_PROPOSALS)


def answered(of: Family, at: At, kind: str = "ACCEPTED") -> None:
    proposed(of, at)
    version = of.dossier.statements.get(phase=Phase.DEFINITIVE)
    keys = [PRO.key] if kind == "ACCEPTED" else []
    actions.answer_proposals(
        dossier=of.dossier.uuid, statement=version.uuid, kind=kind, accepted=keys, by=actor(of.mother)
    )


def refused(of: Family, at: At) -> None:
    answered(of, at, "REFUSED")


def decided_by_head(of: Family, at: At) -> None:
    refused(of, at)
    decided(of, "CAP", at=DURING_PROPOSALS, notified_on=DURING_PROPOSALS.date())


def drafting(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    for choice in (GT, PRO):
        actions.add_choice(
            dossier=of.dossier.uuid, phase=Phase.PROVISIONAL, choice=choice, user=of.mother.user, by=actor(of.mother)
        )


def intentions_entered(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    entered(of)


def council_opened(of: Family, at: At) -> None:
    """The entry came too late for Siècle (SIE-03)."""
    intentions_entered(of, at)
    council(of, opened_at=DURING_INTENTIONS + timedelta(hours=1))


def intentions_closed(of: Family, at: At) -> None:
    intentions_entered(of, at)
    at(INTENTIONS_CLOSE)


def before_everything(of: Family, at: At) -> None:
    at(INTENTIONS_OPEN.replace(month=1, day=5))


def intentions_open(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)


def choices_without_opinions(of: Family, at: At) -> None:
    at(DURING_CHOICES)


def choices_before_acknowledgement(of: Family, at: At) -> None:
    opinions_published(of, at)
    at(DURING_CHOICES)


def switched_off(of: Family, at: At) -> None:
    intentions_entered(of, at)
    school = of.student.school
    actions.switch_service(
        campaign=of.dossier.campaign, school=school, enabled=False, user=staff(school), by=actor(of.mother)
    )


@dataclass(frozen=True)
class State:
    """`who` reads `screen` once `story` is told."""

    name: str
    story: Callable[[Family, At], None]
    screen: str
    path: dict[str, Any] = field(default_factory=dict)
    who: str = "mother"
    policies: dict[str, Any] = field(default_factory=dict)
    level: str = "3E"

    def told(self, at: At) -> Family:
        made = family(level=self.level, policies=self.policies)
        self.story(made, at)
        return made

    def reader(self, of: Family) -> Representative | Student:
        return getattr(of, self.who)


ALL = {"answered_by": "ALL"}
STATES = (
    State("home-before", before_everything, "dossier"),
    State("home-to-enter", intentions_open, "dossier"),
    State("home-pupil", intentions_open, "dossier", who="student"),
    State("home-to-acknowledge", opinions_published, "dossier"),
    State("home-to-answer", proposed, "dossier"),
    State("home-decided", answered, "dossier"),
    State("home-off", switched_off, "dossier"),
    State("intentions-before", before_everything, "entry", INTENTIONS),
    State("intentions-start", intentions_open, "entry", INTENTIONS),
    State("intentions-add", intentions_open, "entry_add", INTENTIONS),
    State("intentions-draft", drafting, "entry", INTENTIONS),
    State("intentions-edit", drafting, "entry_edit", {**INTENTIONS, "rank": 2}),
    State("intentions-mine", intentions_entered, "entry", INTENTIONS),
    State("intentions-change", intentions_entered, "entry_change", INTENTIONS),
    State("intentions-read", intentions_entered, "entry", INTENTIONS, who="father"),
    State("intentions-pupil", intentions_entered, "entry", INTENTIONS, who="student"),
    State("intentions-council", council_opened, "entry", INTENTIONS),
    State("intentions-closed", intentions_closed, "entry", INTENTIONS),
    State("intentions-off", switched_off, "entry", INTENTIONS),
    State("opinions-before", intentions_entered, "opinions"),
    State("opinions-to-acknowledge", opinions_published, "opinions"),
    State("opinions-acknowledged", acknowledged, "opinions"),
    State("home-changed", changed_by_school, "dossier", who="father"),
    State("intentions-changed", changed_by_school, "entry", INTENTIONS),
    State("opinions-withdrawn", changed_by_school, "opinions", who="father"),
    State("opinions-changed", opinions_changed, "opinions"),
    State("opinions-again", opinions_changed, "opinions", policies={"opinion_change": "AGAIN"}),
    State("opinions-pupil", opinions_published, "opinions", who="student"),
    State("choices-shut", choices_before_acknowledgement, "entry", CHOICES),
    State("choices-no-opinion", choices_without_opinions, "entry", CHOICES),
    State("choices-start", choices_open, "entry", CHOICES),
    State("proposals-before", choices_open, "proposals"),
    State("proposals-to-answer", proposed, "proposals"),
    State("proposals-one", proposed, "proposals", policies={"acceptances": "ONE"}),
    State("proposals-father", proposed, "proposals", who="father"),
    State("proposals-answered", answered, "proposals"),
    State("agreement-to-give", answered, "agreement", who="father", policies=ALL),
    State("agreement-author", answered, "agreement", policies=ALL),
    State("agreement-not-asked", answered, "agreement"),
    State("decision-nothing", proposed, "decision"),
    State("decision-made", answered, "decision"),
    State("decision-awaited", answered, "decision", policies=ALL),
    State("decision-meeting", refused, "decision"),
    State("decision-head", decided_by_head, "decision"),
    State("history", answered, "history"),
    State("second-home", open_to_second, "dossier", level="2GT"),
    State("second-add-unsaid", intentions_open, "entry_add", INTENTIONS, level="2GT"),
    State("second-add", open_to_second, "entry_add", INTENTIONS, level="2GT"),
    State("second-draft", eleven_drafted, "entry", INTENTIONS, level="2GT"),
    State("second-draft-offer-changed", offer_changed, "entry", INTENTIONS, level="2GT"),
    State("second-edit-general", eleven_drafted, "entry_edit", {**INTENTIONS, "rank": 1}, level="2GT"),
    State("second-edit-techno", eleven_drafted, "entry_edit", {**INTENTIONS, "rank": 2}, level="2GT"),
    State("second-mine", eleven_entered, "entry", INTENTIONS, level="2GT"),
    State("second-read", eleven_entered, "entry", INTENTIONS, who="father", level="2GT"),
    State("second-choices-add", second_choosing, "entry_add", CHOICES, level="2GT"),
    State("second-to-answer", second_proposed, "proposals", level="2GT"),
    State("second-to-agree", second_answered, "agreement", who="father", level="2GT"),
    State("second-decided", second_decided, "decision", level="2GT"),
    State("second-history", second_decided, "history", level="2GT"),
)
