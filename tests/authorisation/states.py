"""The moments of a dossier that change who may do what; each is told by the acts themselves."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from orientation import actions
from orientation.enums import Phase
from tests.authorisation.roles import Role
from tests.factories import CAP, DURING_CHOICES, DURING_INTENTIONS, GT, PRO, Family, actor
from tests.orientation import states
from tests.orientation.states import At


class When(StrEnum):
    ENTRY = "intentions open"
    OF_AGE = "intentions open, pupil of age"
    OPINIONS = "opinions to acknowledge"
    CHOICES = "choices open"
    PROPOSALS = "proposals to answer"
    AGREEMENT = "agreement to give"
    DECIDED = "decided"
    HEAD = "decided by the head after a refusal"
    OFF = "service switched off"


def typing(of: Family, phase: str, author: Any) -> None:
    """Two choices validated, then another pathway in place of the second one, not validated."""
    by = actor(author)
    path = {"dossier": of.dossier.uuid, "phase": phase, "by": by}
    actions.submit_choices(choices=(GT, PRO), base_version=0, **path)
    actions.change_choice(rank=2, choice=CAP, user=author.user, **path)


def intentions(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    typing(of, Phase.PROVISIONAL, of.mother)


def of_age(of: Family, at: At) -> None:
    at(DURING_INTENTIONS)
    typing(of, Phase.PROVISIONAL, of.student)


def choices(of: Family, at: At) -> None:
    states.acknowledged(of, at)
    at(DURING_CHOICES)
    typing(of, Phase.DEFINITIVE, of.mother)


@dataclass(frozen=True)
class Story:
    tell: Callable[[Family, At], None]
    phase: str
    pupil: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, Any] = field(default_factory=dict)


STORIES = {
    When.ENTRY: Story(intentions, Phase.PROVISIONAL, policies={"objection": "RECORDED"}),
    When.OF_AGE: Story(of_age, Phase.PROVISIONAL, pupil={"birth_date": date(2007, 9, 1)}),
    When.OPINIONS: Story(states.opinions_published, Phase.PROVISIONAL),
    When.CHOICES: Story(choices, Phase.DEFINITIVE),
    When.PROPOSALS: Story(states.proposed, Phase.DEFINITIVE),
    When.AGREEMENT: Story(states.answered, Phase.DEFINITIVE, policies={"answered_by": "ALL"}),
    When.DECIDED: Story(states.answered, Phase.DEFINITIVE),
    When.HEAD: Story(states.decided_by_head, Phase.DEFINITIVE),
    When.OFF: Story(states.switched_off, Phase.PROVISIONAL),
}


def acting(when: When) -> tuple[Role, ...]:
    """Whoever may act for the pupil at all: their representatives, or the pupil of age instead (ACC-03)."""
    return (Role.PUPIL,) if when is When.OF_AGE else (Role.MOTHER, Role.FATHER)
