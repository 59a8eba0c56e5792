"""What the database itself refuses about accounts, whoever writes (ACC-01, ACC-07)."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from families.models import Attachment, Guesses, Identity
from tests import factories
from tests.factories import Family

pytestmark = pytest.mark.django_db


@pytest.fixture
def family() -> Family:
    return factories.family()


def refused(model: type[Any], **values: Any) -> str:
    """The name of the constraint that refuses this row."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        model.objects.create(**values)
    return str(error.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def attachment(family: Family, **values: Any) -> dict[str, Any]:
    return {"user": family.mother.user, "way": "CODE", "at": timezone.now(), **values}


def test_one_person_at_a_provider_has_one_account_and_the_same_number_elsewhere_is_another_person(
    family: Family,
) -> None:
    known = {"provider": "franceconnect", "issuer": "https://a.invalid", "subject": "1", "linked_at": timezone.now()}
    Identity.objects.create(user=family.mother.user, **known)
    assert refused(Identity, user=family.father.user, **known) == "identity_once"
    Identity.objects.create(user=family.father.user, **known | {"issuer": "https://b.invalid"})


def test_a_person_is_attached_to_one_account_at_a_time_and_again_once_detached(family: Family) -> None:
    first = Attachment.objects.create(**attachment(family, representative=family.mother))
    other = attachment(family, representative=family.mother, user=family.father.user)
    assert refused(Attachment, **other) == "representative_attached_once"
    Attachment.objects.filter(pk=first.pk).update(ended_at=timezone.now())
    Attachment.objects.create(**other)


def test_a_pupil_is_attached_to_one_account_at_a_time(family: Family) -> None:
    Attachment.objects.create(**attachment(family, student=family.student, user=family.student.user))
    assert refused(Attachment, **attachment(family, student=family.student)) == "student_attached_once"


@pytest.mark.parametrize("whom", [(), ("representative", "student")], ids=["nobody", "two"])
def test_an_attachment_is_to_one_person(family: Family, whom: tuple[str, ...]) -> None:
    people = {"representative": family.mother, "student": family.student}
    values = attachment(family, **{name: people[name] for name in whom})
    assert refused(Attachment, **values) == "attachment_is_to_one_person"


def test_wrong_guesses_of_one_place_are_counted_in_one_row() -> None:
    values = {"use": "activation", "key": "a" * 64, "since": timezone.now()}
    Guesses.objects.create(**values)
    assert refused(Guesses, **values) == "guesses_once"
