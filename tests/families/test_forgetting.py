"""What signing in leaves behind is erased in time, and not before."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from families.activation import issue_codes
from families.models import ActivationCode, AddressChange, Guesses, PasswordResetCode, Session, SignIn
from ledger.journal import SYSTEM
from orientation.tasks import forget_sign_ins
from tests import factories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel("2027-04-05T09:00+02:00", tick=False) as stopped:
        yield stopped


def sign_in(name: str, password: str) -> None:
    Client().post(reverse("families:sign_in"), {"username": name, "password": password})


@pytest.fixture
def traces(clock: Any, settings: Any) -> None:
    """One of each, of one day."""
    settings.AXES_ENABLED = settings.AXES_ENABLE_ACCESS_FAILURE_LOG = True
    parent = factories.family().mother
    sign_in(parent.user.username, "faux")
    sign_in(factories.user().username, "mot-de-passe-solide")
    Client().post(reverse("families:lost_password"), {"name": parent.user.username})
    now = timezone.now()
    AddressChange.objects.create(user=parent.user, email="x@exemple.invalid", created_at=now, expires_at=now)
    division = factories.division(factories.school(), "3 C")
    factories.representative(factories.student(division), account=False)
    issue_codes(division, by=SYSTEM)


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        (Guesses, DAY),
        (Session, DAY),
        (PasswordResetCode, DAY),
        (AddressChange, DAY),
        (AccessAttempt, 30 * DAY),
        (AccessLog, 30 * DAY),
        (AccessFailureLog, 30 * DAY),
        (ActivationCode, 180 * DAY),
        (SignIn, 365 * DAY),
    ],
)
@pytest.mark.usefixtures("traces")
def test_each_trace_is_kept_so_long_and_no_longer(clock: Any, what: type[Model], kept: timedelta) -> None:
    assert what.objects.exists()
    clock.shift(kept - timedelta(seconds=1))
    forget_sign_ins()
    assert what.objects.exists()
    clock.shift(timedelta(hours=2))  # a session ends half an hour, or an hour, after its last page
    forget_sign_ins()
    assert not what.objects.exists()
