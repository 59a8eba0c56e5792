"""The demonstration: each account that it names finds the situation that it announces, on the day it pretends to be."""

import pytest

from families.models import Attachment, Representative, User
from ledger.models import JournalEntry
from orientation.access import Access, access_dossier
from orientation.invariants import check
from orientation.models import Dossier
from orientation.rules import (
    AppealStage,
    Need,
    Step,
    acknowledgement_is_due,
    appeal_stage,
    entry_in_force,
    last_statement,
    standing,
    student_acts,
)
from siecle_sync.demo.load import AlreadyLoaded, load
from siecle_sync.management.commands.demo_accounts import ROLES, STAFF, STEPS
from siecle_sync.models import Run, RunLine

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])

# what waits for the first account named
NEEDS = {
    "intentions": (Step.INTENTIONS, Need.ENTER, True),
    "saisie": (Step.INTENTIONS, Need.MAY_CHANGE, True),
    "avis": (Step.OPINIONS, Need.ACKNOWLEDGE, True),
    "avis-modifies": (Step.CHOICES, Need.WAIT, False),
    "demande-modifiee": (Step.CHOICES, Need.WAIT, False),
    "attente": (Step.OPINIONS, Need.ACKNOWLEDGE, True),
    "choix": (Step.CHOICES, Need.ENTER, True),
    "2de": (Step.CHOICES, Need.ENTER, True),
    "majeur": (Step.CHOICES, Need.MAY_CHANGE, False),  # the parent: the pupil acts
    "propositions": (Step.PROPOSALS, Need.ANSWER, True),
    "decision": (Step.DECISION, Need.NOTHING, False),
    "desaccord": (Step.DECISION, Need.MEET_HEAD, False),
    "entretien": (Step.DECISION, Need.NOTHING, False),
    "appel": (Step.DECISION, Need.NOTHING, False),
}


def seen_by(username: str) -> Access:
    user = User.objects.get(username=username)
    dossier = Dossier.objects.visible_to(user).order_by("pk").first()
    assert dossier is not None, username
    return access_dossier(user, dossier.uuid)


def first_of(key: str) -> Access:
    names = [f"{role}-{key}" for role in ROLES]
    return seen_by(next(name for name in names if User.objects.filter(username=name).exists()))


@pytest.mark.usefixtures("demonstration")
def test_each_account_finds_what_the_list_announces() -> None:
    assert {key for key, _ in STEPS} == set(NEEDS)
    for key, expected in NEEDS.items():
        page = first_of(key)
        found = standing(page.facts, page.actor.uuid, page.now)
        assert (found.step, found.need, found.mine) == expected, key
    known = set(User.objects.values_list("username", flat=True))
    assert {name for name, _ in STAFF} <= known
    situations()
    assert [one.invariant.id for one in check() if one.violations] == []
    assert not RunLine.objects.filter(outcome="REJECTED").exists()
    assert not Run.objects.exclude(state="FINISHED").exists()
    with pytest.raises(AlreadyLoaded):
        load(lambda done, total, what: None)


def situations() -> None:
    """What the need alone does not say."""
    acted = JournalEntry.objects.filter(actor_kind="REPRESENTATIVE").values("actor_uuid")
    assert acted.exists()
    assert not Representative.objects.filter(uuid__in=acted, user__last_login=None).exists()
    attached = Attachment.objects.filter(ended_at=None).values("user")
    assert not User.objects.filter(representatives__isnull=False).exclude(pk__in=attached).exists()
    assert all(one.has_usable_password() or one.identities.exists() for one in User.objects.all())
    changed = first_of("avis-modifies").facts
    assert [bool(one.withdrawn_at) for one in changed.statements] == [True, False]
    assert changed.statements[0].acknowledgement is not None
    request = first_of("demande-modifiee").facts
    entry = entry_in_force(request, "PROVISIONAL")
    assert entry is not None
    assert (entry.version, bool(entry.asked_by)) == (2, True)
    standing_statement = last_statement(request, "PROVISIONAL")
    assert standing_statement is not None
    assert standing_statement.submission == entry.uuid
    second = first_of("2de").facts
    assert (second.level, second.policies.max_choices, second.policies.answered_by) == ("2GT", 11, "ALL")
    assert second.specialties_offered
    pupil = seen_by("eleve-majeur")
    assert student_acts(pupil.facts, pupil.now)
    assert {one.author for one in pupil.facts.submissions} == {pupil.facts.student}
    meeting, appeal = first_of("entretien"), first_of("appel")
    assert appeal_stage(meeting.facts, meeting.now) is AppealStage.OPEN
    assert appeal_stage(appeal.facts, appeal.now) is AppealStage.FILED
    assert not acknowledgement_is_due(appeal.facts, appeal.now)


@pytest.fixture
def demonstration() -> None:
    load(lambda done, total, what: None)
