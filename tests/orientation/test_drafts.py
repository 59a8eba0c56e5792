"""What a person is typing: kept a day for them alone, outside the dossier (ENT-06, ENT-07, ENT-10, ENT-11)."""

from datetime import timedelta

import pytest

from ledger import clock
from ledger.models import OutgoingEmail
from orientation import actions
from orientation.actions.draft import draft_choices, live_draft
from orientation.models import Draft
from orientation.pathways import fingerprint
from orientation.reading import load_facts
from orientation.rules import Refusal
from orientation.tasks import sweep_drafts
from tests.factories import CAP, DURING_INTENTIONS, GT, PRO, actor, family
from tests.orientation.test_actions import P, refusal, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def home():
    clock.freeze(DURING_INTENTIONS)
    return family()


def add(home, choice, *, phase=P, who=None):
    person = who or home.mother
    return actions.add_choice(dossier=home.dossier.uuid, phase=phase, choice=choice, user=person.user, by=actor(person))


def test_a_draft_is_not_an_entry_and_gives_no_right(home):
    add(home, GT)
    facts = load_facts(home.dossier.uuid)
    assert (facts.submissions, facts.pens) == ((), ())
    assert not OutgoingEmail.objects.exists()
    submit(home, home.father, [CAP])


def test_a_draft_is_kept_24_hours_for_the_one_who_types(home):
    add(home, GT)
    of = (home.mother.user, home.dossier.pk, P)
    assert live_draft(*of, DURING_INTENTIONS + timedelta(hours=23, minutes=59)) is not None
    assert live_draft(*of, DURING_INTENTIONS + timedelta(hours=24)) is None
    assert live_draft(home.father.user, home.dossier.pk, P, DURING_INTENTIONS) is None


def test_a_draft_older_than_a_day_is_erased_and_a_younger_one_kept(home):
    add(home, GT)
    clock.freeze(DURING_INTENTIONS + timedelta(hours=1))
    add(home, CAP, who=home.father)
    clock.freeze(DURING_INTENTIONS + timedelta(hours=24, minutes=30))
    assert sweep_drafts.apply().get() == 1
    assert Draft.objects.get().user == home.father.user


def test_choices_are_reranked_changed_and_removed(home):
    for choice in (GT, PRO, CAP):
        draft = add(home, choice)
    where = {"dossier": home.dossier.uuid, "phase": P, "user": home.mother.user, "by": actor(home.mother)}
    assert draft_choices(draft) == (GT, PRO, CAP)
    assert draft_choices(actions.move_choice(rank=3, to=2, **where)) == (GT, CAP, PRO)
    assert draft_choices(actions.move_choice(rank=1, to=0, **where)) == (GT, CAP, PRO)
    assert draft_choices(actions.move_choice(rank=1, to=2, **where)) == (CAP, GT, PRO)
    assert draft_choices(actions.remove_choice(rank=2, **where)) == (CAP, PRO)
    assert draft_choices(actions.change_choice(rank=1, choice=GT, **where)) == (GT, PRO)


def test_a_pathway_already_in_the_draft_is_refused_and_the_draft_kept(home):
    add(home, GT)
    assert refusal(lambda: add(home, GT)) == Refusal.PATHWAY_TWICE
    assert draft_choices(Draft.objects.get()) == (GT,)


def test_cancelling_restores_the_last_validated_entry(home):
    submit(home, home.mother, [GT])
    assert draft_choices(add(home, CAP)) == (GT, CAP)
    actions.cancel_draft(dossier=home.dossier.uuid, phase=P, user=home.mother.user, by=actor(home.mother))
    assert draft_choices(add(home, PRO)) == (GT, PRO)


def validate(home, shown):
    return actions.validate_draft(
        dossier=home.dossier.uuid, phase=P, shown=shown, user=home.mother.user, by=actor(home.mother)
    )


def test_validating_takes_what_the_page_was_showing_or_nothing(home):
    add(home, GT)
    old_tab = fingerprint([GT], 0)
    add(home, CAP)
    assert refusal(lambda: validate(home, old_tab)) == Refusal.STALE
    entry = validate(home, fingerprint([GT, CAP], 0))
    assert validate(home, fingerprint([GT, CAP], 0)).uuid == entry.uuid
    assert refusal(lambda: validate(home, old_tab)) == Refusal.STALE
    assert not Draft.objects.exists()


def test_the_other_parents_late_draft_is_told_who_won(home):
    add(home, CAP, who=home.father)
    submit(home, home.mother, [GT])
    shown = fingerprint([CAP], 0)
    by = {"user": home.father.user, "by": actor(home.father)}
    code = refusal(lambda: actions.validate_draft(dossier=home.dossier.uuid, phase=P, shown=shown, **by))
    assert code == Refusal.PEN_HELD
    assert Draft.objects.filter(user=home.father.user).exists()


def test_what_was_typed_is_forgotten_as_soon_as_it_is_validated(home):
    add(home, GT)
    validate(home, fingerprint([GT], 0))
    assert not Draft.objects.exists()


def test_who_may_not_enter_may_not_type_either(home):
    submit(home, home.mother, [GT])
    for person in (home.father, home.student):
        assert refusal(lambda person=person: add(home, CAP, who=person)) in {
            Refusal.PEN_HELD,
            Refusal.READ_ONLY_STUDENT,
        }
    assert not Draft.objects.exists()


@pytest.mark.parametrize("rank", [-1, 0, 2])
def test_a_rank_that_the_list_does_not_have_changes_nothing(home, rank):
    draft = add(home, GT)
    path = {"dossier": home.dossier.uuid, "phase": P, "rank": rank, "user": home.mother.user, "by": actor(home.mother)}
    assert refusal(lambda: actions.remove_choice(**path)) == Refusal.STALE
    assert refusal(lambda: actions.move_choice(to=1, **path)) == Refusal.STALE
    assert refusal(lambda: actions.change_choice(choice=CAP, **path)) == Refusal.STALE
    assert draft_choices(Draft.objects.get()) == draft_choices(draft)
