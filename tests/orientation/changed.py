"""The family's screens when the family itself has changed: one left, one of age, one more, one who lost the pen."""

from datetime import date

from families.models import Student
from ledger.journal import SYSTEM
from orientation import actions
from tests import factories
from tests.factories import Family
from tests.orientation.states import (
    ALL,
    CHOICES,
    INTENTIONS,
    At,
    State,
    answered,
    choices_open,
    intentions_entered,
    opinions_published,
    proposed,
    refused,
)


def left(of: Family, at: At) -> None:
    """The child has left; what was published stays to be read."""
    opinions_published(of, at)
    factories.leaves(of, date(2026, 3, 2))


def left_in_the_middle_of_the_choices(of: Family, at: At) -> None:
    choices_open(of, at)
    factories.leaves(of, date(2026, 5, 4))


def comes_of_age(of: Family) -> None:
    Student.objects.filter(pk=of.student.pk).update(birth_date=date(2007, 5, 1))


def of_age(of: Family, at: At) -> None:
    """The mother had entered; the pupil has come of age since, and the night has released her pen."""
    intentions_entered(of, at)
    comes_of_age(of)
    actions.release_lost_pens(by=SYSTEM)


def of_age_to_answer(of: Family, at: At) -> None:
    proposed(of, at)
    comes_of_age(of)


def pen_lost(of: Family, at: At) -> None:
    """The mother is no longer a legal representative: the father may take over what she entered."""
    intentions_entered(of, at)
    factories.loses_authority(of, of.mother)
    actions.release_lost_pens(by=SYSTEM)


def three_to_answer(of: Family, at: At) -> None:
    """The mother has accepted; the two others have still to say yes or no."""
    of.parents.append(factories.representative(of.student))
    answered(of, at)


def three_after_a_refusal(of: Family, at: At) -> None:
    of.parents.append(factories.representative(of.student))
    refused(of, at)


CHANGED = (
    State("left-home", left, "dossier"),
    State("left-entry", left, "entry", INTENTIONS),
    State("left-opinions", left, "opinions"),
    State("left-choices", left_in_the_middle_of_the_choices, "entry", CHOICES),
    State("left-history", left, "history"),
    State("of-age-pupil", of_age, "entry", INTENTIONS, who="student"),
    State("of-age-home", of_age, "dossier"),
    State("of-age-history", of_age, "history"),
    State("of-age-proposals", of_age_to_answer, "proposals"),
    State("pen-lost-home", pen_lost, "dossier", who="father"),
    State("pen-lost-entry", pen_lost, "entry", INTENTIONS, who="father"),
    State("three-home", three_to_answer, "dossier", policies=ALL),
    State("three-home-asked", three_to_answer, "dossier", who="father", policies=ALL),
    State("three-agreement", three_to_answer, "agreement", who="father", policies=ALL),
    State("three-refused", three_after_a_refusal, "decision", policies=ALL),
    State("three-refused-asked", three_after_a_refusal, "dossier", who="father", policies=ALL),
)
