"""One code in two browsers, one pupil in two browsers, one attachment undone twice: one of them (ACC-01, ACC-07)."""

from functools import partial

import pytest

from families.activation import ActivationRefused, attach, digest
from families.attachments import AlreadyEnded, detach
from families.identities import open_with_code, pupil_account
from families.models import Attachment, User
from ledger import clock
from ledger.journal import SYSTEM
from tests import factories
from tests.arriving import code_of, parent, pupil
from tests.concurrency.two import Stop, outcome, two, waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.concurrency]
both = pytest.mark.parametrize("locks", [True, False], ids=["with locks", "negative control"])


@both
def test_a_code_typed_in_two_browsers_at_once_opens_one_account(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    person = factories.representative(factories.student(factories.division(factories.school())), account=False)
    typed = digest(code_of(person))
    opens = [partial(open_with_code, parent(subject), typed) for subject in ("s-1", "s-2")]
    stop = Stop('INSERT INTO "families_user"')
    with two(locks=locks) as run:
        one = run.start(opens[0], stop)
        assert stop.reached.wait(10)
        other = run.start(opens[1])
        assert waits(other) is locks
        stop.go.set()
        ended = [outcome(one), outcome(other)]
    assert isinstance(ended[1], ActivationRefused) is locks
    assert Attachment.objects.filter(ended_at=None).count() == 1
    assert User.objects.count() == 1
    if locks:
        assert ended[1].code == "CODE_USED"
    else:
        assert isinstance(ended[0], Exception)  # the database alone would refuse the first one, after its « oui »


@both
def test_the_codes_of_both_parents_typed_at_once_in_one_account_attach_one(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    child = factories.student(factories.division(factories.school()))
    codes = [code_of(factories.representative(child, account=False)) for _ in range(2)]
    user = factories.user()
    stop = Stop('UPDATE "families_activationcode"')
    with two(locks=locks) as run:
        one = run.start(partial(attach, user, codes[0]), stop)
        assert stop.reached.wait(10)
        other = run.start(partial(attach, user, codes[1]))
        assert waits(other) is locks
        stop.go.set()
        ended = [outcome(one), outcome(other)]
    assert user.representatives.count() == (1 if locks else 2)
    assert isinstance(ended[1], ActivationRefused) is locks


@both
def test_a_pupil_in_two_browsers_at_once_has_one_account(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    child = factories.student(factories.division(factories.school()))
    said = pupil(child.ine, child.school.uai)
    stop = Stop('INSERT INTO "families_user"')
    with two(locks=locks) as run:
        one = run.start(partial(pupil_account, said), stop)
        assert stop.reached.wait(10)
        other = run.start(partial(pupil_account, said))
        assert waits(other) is locks
        stop.go.set()
        ended = [outcome(one), outcome(other)]
    assert (ended[0] == ended[1]) is locks
    assert (User.objects.count() == 1) is True


@both
def test_an_attachment_undone_by_two_people_at_once_is_undone_once(locks: bool) -> None:
    clock.pretend(factories.DURING_INTENTIONS)
    person = factories.representative(factories.student(factories.division(factories.school())), account=False)
    open_with_code(parent(), digest(code_of(person)))
    made = Attachment.objects.get()
    undo = partial(detach, made.pk, by=SYSTEM, reason="Erreur")
    stop = Stop('UPDATE "families_representative"')
    with two(locks=locks) as run:
        one = run.start(undo, stop)
        assert stop.reached.wait(10)
        other = run.start(undo)
        assert waits(other) is locks
        stop.go.set()
        ended = [outcome(one), outcome(other)]
    assert isinstance(ended[1], AlreadyEnded) is locks
