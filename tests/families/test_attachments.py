"""An attachment is journaled where it is read, told to those concerned, and undone by the school (ACC-07)."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from families import attachments
from families.models import Attachment, Identity, Representative, Session, StaffMembership
from ledger.journal import Actor
from ledger.models import ActorKind, JournalEntry, OutgoingEmail
from orientation.actions import add_choice, submit_choices
from orientation.letters import render
from orientation.letters.envelope import NothingToSay
from orientation.models import Draft, Submission
from tests import factories
from tests.arriving import account, code_of, come_back, opens, parent, pupil
from tests.factories import DURING_INTENTIONS, GT, Family, actor

pytestmark = pytest.mark.django_db
SCHOOL = Actor(ActorKind.SCHOOL, None, "Mme Roux")


@pytest.fixture
def family(at: Callable[[object], None]) -> Family:
    """The father has his account; the mother arrives."""
    at(DURING_INTENTIONS)
    made = factories.family()
    made.mother.user.delete()
    made.mother.refresh_from_db()
    return made


@pytest.fixture
def arrived(client: Client, family: Family) -> Attachment:
    come_back(client, parent())
    opens(client, code_of(family.mother))
    family.mother.refresh_from_db()
    return Attachment.objects.get()


def lines(family: Family) -> list[str]:
    return [one.verb for one in JournalEntry.objects.filter(dossier_uuid=family.dossier.uuid).order_by("pk")]


def told(kind: str) -> dict[object, OutgoingEmail]:
    return {one.recipient_uuid: one for one in OutgoingEmail.objects.filter(kind=kind)}


def page_of(client: Client, family: Family) -> str:
    return client.get(reverse("orientation:history", args=[family.dossier.uuid])).content.decode()


# --- said -------------------------------------------------------------------------------------------------------------
def test_the_school_s_history_and_the_dossier_s_hold_it(arrived: Attachment, family: Family) -> None:
    line = JournalEntry.objects.get(verb="account_opened")
    assert line.actor_uuid == family.mother.uuid
    assert (line.data["school"], line.data["attachment"]) == (family.student.school.uai, str(arrived.uuid))
    assert lines(family) == ["reader_attached"]
    secretary, other = Client(), Client()
    secretary.force_login(factories.staff(family.student.school, "SECRETARY"))
    other.force_login(factories.staff(factories.school(), "SECRETARY"))
    journal = reverse("admin:ledger_journalentry_changelist")
    assert {one.verb for one in secretary.get(journal).context["cl"].result_list} >= {
        "account_opened", "reader_attached",
    }  # fmt: skip
    assert not other.get(journal).context["cl"].result_list


def test_every_reader_of_the_dossier_sees_whose_account_it_is(arrived: Attachment, family: Family) -> None:
    father = Client()
    father.force_login(family.father.user)
    shown = page_of(father, family)
    assert family.mother.full_name in shown and "FranceConnect" in shown


def test_another_dossier_of_the_class_says_nothing_of_it(arrived: Attachment, family: Family) -> None:
    assert lines(factories.family(of=family.student.division)) == []


def test_the_other_representatives_and_the_person_are_written_to_and_nobody_else(
    client: Client, family: Family
) -> None:
    factories.representative(family.student, level=2)
    without = factories.representative(family.student, email="")
    come_back(client, parent())
    opens(client, code_of(family.mother))
    assert set(told("attachment_other")) == {family.father.uuid}
    assert set(told("attachment_own")) == {family.mother.uuid}
    assert without.uuid not in told("attachment_other")
    letter = render(told("attachment_other")[family.father.uuid])
    assert letter.to == family.father.email
    for said in (family.mother.full_name, family.student.full_name, "FranceConnect", family.student.school.phone):
        assert said in letter.text
    own = render(told("attachment_own")[family.mother.uuid])
    assert own.to == family.mother.email
    assert family.father.full_name not in own.text


def test_a_step_parent_reads_no_name_but_of_the_child_they_follow(client: Client, family: Family) -> None:
    """The mother has another child, with somebody else, in the same school."""
    half = factories.student(family.student.division, first_name="Zoé")
    half.guardianships.create(representative=family.mother, level=1, kinship="10")
    come_back(client, parent())
    opens(client, code_of(family.mother))
    letter = render(told("attachment_other")[family.father.uuid])
    assert family.student.full_name in letter.text
    assert "Zoé" not in letter.text + letter.subject


def test_a_pupil_s_account_is_told_to_their_representatives(client: Client, family: Family) -> None:
    family.student.user.delete()
    come_back(client, pupil(family.student.ine, family.student.school.uai))
    assert set(told("attachment_other")) == {family.mother.uuid, family.father.uuid}


def test_each_way_of_attaching_leaves_its_row_and_its_line(client: Client, family: Family) -> None:
    elsewhere = factories.family()
    elsewhere.mother.user.delete()
    client.force_login(family.father.user)
    client.post(reverse("families:attach"), {"code": code_of(elsewhere.mother)})
    client.post(reverse("families:attach_confirm"))
    made = Attachment.objects.get()
    assert (made.user, made.representative, made.provider) == (family.father.user, elsewhere.mother, "")
    line = JournalEntry.objects.get(verb="account_attached")
    assert line.data["school"] == elsewhere.student.school.uai
    assert set(told("attachment_other")) == {elsewhere.father.uuid}


# --- undone -----------------------------------------------------------------------------------------------------------
def undo(made: Attachment) -> None:
    attachments.detach(made.pk, by=SCHOOL, reason="Code tapé par une autre personne")


def test_undone_the_account_opens_nothing_and_another_code_may_be_handed_out(
    client: Client, arrived: Attachment, family: Family
) -> None:
    undo(arrived)
    arrived.refresh_from_db()
    family.mother.refresh_from_db()
    assert family.mother.user is None
    assert arrived.ended_at is not None
    assert (arrived.ended_by, arrived.reason) == ("Mme Roux", "Code tapé par une autre personne")
    assert not Session.objects.filter(user=arrived.user).exists()
    assert client.get(reverse("orientation:portal")).status_code == 302
    assert not Identity.objects.exists()
    elsewhere = Client()
    come_back(elsewhere, parent("s-la-vraie"))
    opens(elsewhere, code_of(family.mother))
    family.mother.refresh_from_db()
    assert account(elsewhere) == family.mother.user_id != arrived.user_id


def test_the_identity_of_who_was_detached_is_unknown_again(arrived: Attachment) -> None:
    undo(arrived)
    elsewhere = Client()
    assert come_back(elsewhere, parent()).url == reverse("families:arrival")
    assert account(elsewhere) is None


def test_what_was_validated_stays_and_what_was_being_typed_goes(arrived: Attachment, family: Family) -> None:
    by, user = actor(family.mother), family.mother.user
    submit_choices(dossier=family.dossier.uuid, phase="PROVISIONAL", choices=[GT], base_version=0, by=by)
    add_choice(dossier=family.dossier.uuid, phase="PROVISIONAL", choice=factories.PRO, user=user, by=by)
    undo(arrived)
    assert Submission.objects.filter(dossier=family.dossier).count() == 1
    assert family.dossier.pens.filter(representative=family.mother, released_at=None).exists()
    assert not Draft.objects.exists()


def test_an_account_that_follows_somebody_else_stays_open_for_them(
    client: Client, arrived: Attachment, family: Family
) -> None:
    elsewhere = factories.family()
    Representative.objects.filter(pk=elsewhere.mother.pk).update(user=arrived.user)
    undo(arrived)
    assert client.get(reverse("orientation:portal")).status_code == 200
    assert Identity.objects.exists()
    assert client.get(reverse("orientation:dossier", args=[family.dossier.uuid])).status_code == 404
    assert client.get(reverse("orientation:dossier", args=[elsewhere.dossier.uuid])).status_code == 200


def test_a_member_of_the_staff_who_is_a_parent_keeps_their_work(arrived: Attachment, family: Family) -> None:
    StaffMembership.objects.create(user=arrived.user, role="HEAD", school=factories.school())
    arrived.user.is_staff = True
    arrived.user.save()
    undo(arrived)
    assert Session.objects.filter(user=arrived.user).exists()


def test_the_school_the_family_and_the_owner_read_that_it_was_undone(arrived: Attachment, family: Family) -> None:
    address = family.mother.email
    undo(arrived)
    line = JournalEntry.objects.get(verb="attachment_undone")
    assert (line.data["school"], line.actor_name) == (family.student.school.uai, "Mme Roux")
    assert lines(family) == ["reader_attached", "reader_detached"]
    letter = render(told("attachment_undone")[arrived.user.uuid])
    assert letter.to == address
    assert "autre personne" not in letter.text
    father = Client()
    father.force_login(family.father.user)
    assert "autre personne" not in page_of(father, family)


def test_letters_that_wait_say_nothing_of_what_was_undone(arrived: Attachment, family: Family) -> None:
    undo(arrived)
    with pytest.raises(NothingToSay):
        render(told("attachment_other")[family.father.uuid])


def test_it_is_undone_once(arrived: Attachment) -> None:
    undo(arrived)
    with pytest.raises(attachments.AlreadyEnded):
        undo(arrived)
    assert JournalEntry.objects.filter(verb="attachment_undone").count() == 1
