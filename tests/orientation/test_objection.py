"""Another representative objects to an entry (policy « objection », S004): said, shown to all, and nothing blocked."""

from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from families.models import Representative, Student
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions
from orientation.enums import Phase
from orientation.models import EntryObjection, Submission
from orientation.rules import Refusal, RuleBroken
from tests import factories
from tests.admin.world import client_of, page
from tests.factories import CAP, DURING_INTENTIONS, GT, INTENTIONS_CLOSE, PRO, Family, actor, family
from tests.orientation.screens import address, hidden, signed_in, text_of
from tests.orientation.states import At, choices_open, entered

pytestmark = pytest.mark.django_db(databases=["default", "siecle_mock"])
RECORDED = {"objection": "RECORDED"}
INTENTIONS = {"phase": Phase.PROVISIONAL}
REASON = "Nous avions convenu d’un CAP."


@pytest.fixture
def camille(at: At) -> Family:
    """The mother has validated the intentions; the campaign records objections."""
    made = family(parents=3, policies=RECORDED)
    at(DURING_INTENTIONS)
    entered(made)
    return made


def reads(of: Family, who: Representative | Student, screen: str = "entry", **path: Any) -> str:
    return text_of(signed_in(who).get(address(of, screen, **(path or (INTENTIONS if screen == "entry" else {})))))


def objects(client: Client, of: Family, reason: str = REASON, phase: str = Phase.PROVISIONAL) -> HttpResponse:
    shown = hidden(client.get(address(of, "entry", phase=phase)), "submission")
    return client.post(address(of, "entry_object", phase=phase), {"submission": shown, "reason": reason})


def refusal_of(of: Family, who: Representative | Student, **values: Any) -> Refusal:
    shown = {"submission": Submission.objects.filter(dossier=of.dossier).latest("version").uuid, "reason": "", **values}
    with pytest.raises(RuleBroken) as broken:
        actions.object_to_entry(dossier=of.dossier.uuid, by=actor(who), **shown)
    return broken.value.code


def test_the_other_representative_objects_and_everybody_of_the_family_reads_it(camille: Family) -> None:
    assert objects(signed_in(camille.father), camille).status_code == 302
    kept = EntryObjection.objects.get()
    assert (kept.representative, kept.author_name, kept.reason) == (camille.father, camille.father.full_name, REASON)
    for who in (*camille.parents, camille.student):
        entry = reads(camille, who)
        assert f"{camille.father.full_name} n’est pas d’accord avec cette saisie" in entry and REASON in entry
        history = reads(camille, who, "history")
        assert f"désaccord avec la saisie (version 1) Par {camille.father.full_name} Motif : {REASON}" in history
        assert history.count("Rang 1") == 1


def test_an_objection_needs_no_reason_changes_nothing_and_writes_to_nobody(camille: Family) -> None:
    letters = OutgoingEmail.objects.count()
    objects(signed_in(camille.father), camille, "")
    assert EntryObjection.objects.get().reason == ""
    assert Submission.objects.count() == 1 and OutgoingEmail.objects.count() == letters
    actions.submit_choices(
        dossier=camille.dossier.uuid, phase=Phase.PROVISIONAL, choices=(CAP,), base_version=1, by=actor(camille.mother)
    )
    assert refused_entry(camille) == Refusal.PEN_HELD


def refused_entry(of: Family) -> Refusal:
    with pytest.raises(RuleBroken) as broken:
        actions.submit_choices(
            dossier=of.dossier.uuid, phase=Phase.PROVISIONAL, choices=(GT,), base_version=2, by=actor(of.father)
        )
    return broken.value.code


def test_the_form_says_until_when_and_what_silence_means_and_only_to_who_may_object(camille: Family) -> None:
    said = "Si vous ne dites rien, la saisie reste"
    father = reads(camille, camille.father)
    assert said in father and "jusqu’au vendredi 20 février 2026 à 23 h 59 (heure de Paris)" in father
    assert said not in reads(camille, camille.mother) and said not in reads(camille, camille.student)


def test_under_policy_none_nothing_shows_and_nothing_is_taken(at: At) -> None:
    quiet = family()
    at(DURING_INTENTIONS)
    made = entered(quiet)
    father = signed_in(quiet.father)
    assert "Si vous ne dites rien" not in reads(quiet, quiet.father)
    posted = father.post(address(quiet, "entry_object", **INTENTIONS), {"submission": made.uuid})
    assert posted.status_code == 409 and not EntryObjection.objects.exists()
    assert refusal_of(quiet, quiet.father) == Refusal.NO_OBJECTION_ASKED


def test_one_objects_once_a_version_and_each_for_themself(camille: Family) -> None:
    father, third = signed_in(camille.father), signed_in(camille.parents[2])
    shown = hidden(father.get(address(camille, "entry", **INTENTIONS)), "submission")
    assert [objects(one, camille).status_code for one in (father, third)] == [302, 302]
    again = father.post(address(camille, "entry_object", **INTENTIONS), {"submission": shown})
    assert again.status_code == 409
    assert refusal_of(camille, camille.father) == Refusal.ALREADY_OBJECTED
    assert EntryObjection.objects.count() == 2


def test_an_objection_stays_on_its_version_and_one_may_object_to_the_next(camille: Family) -> None:
    objects(signed_in(camille.father), camille)
    first = Submission.objects.get()
    actions.submit_choices(
        dossier=camille.dossier.uuid, phase=Phase.PROVISIONAL, choices=(CAP,), base_version=1, by=actor(camille.mother)
    )
    assert "n’est pas d’accord" not in reads(camille, camille.mother)
    assert "désaccord avec la saisie (version 1)" in reads(camille, camille.mother, "history")
    assert refusal_of(camille, camille.father, submission=first.uuid) == Refusal.STALE
    objects(signed_in(camille.father), camille)
    assert sorted(EntryObjection.objects.values_list("submission__version", flat=True)) == [1, 2]


def test_who_may_not_object_is_refused(camille: Family, at: At) -> None:
    assert refusal_of(camille, camille.mother) == Refusal.OWN_ENTRY
    assert refusal_of(camille, camille.student) == Refusal.READ_ONLY_STUDENT
    assert refusal_of(camille, family().mother) == Refusal.NOT_LEGAL
    assert refusal_of(camille, camille.father, submission=uuid4()) == Refusal.STALE
    assert refusal_of(camille, camille.father, reason="x" * 301) == Refusal.REASON_TOO_LONG
    at(INTENTIONS_CLOSE)
    assert refusal_of(camille, camille.father) == Refusal.ENTRY_CLOSED
    assert "Si vous ne dites rien" not in reads(camille, camille.father)
    assert not EntryObjection.objects.exists()


def test_somebody_else_s_dossier_takes_no_objection(camille: Family) -> None:
    shown = Submission.objects.get().uuid
    posted = signed_in(family().mother).post(address(camille, "entry_object", **INTENTIONS), {"submission": shown})
    assert posted.status_code == 404


def test_before_any_validation_there_is_nothing_to_object_to(at: At) -> None:
    early = family(policies=RECORDED)
    at(DURING_INTENTIONS)
    assert "Si vous ne dites rien" not in reads(early, early.father)
    posted = signed_in(early.father).post(address(early, "entry_object", **INTENTIONS), {"submission": ""})
    assert posted.status_code == 409


def test_the_definitive_choices_are_objected_to_in_the_same_way(at: At) -> None:
    made = family(policies=RECORDED)
    choices_open(made, at)
    entered(made, Phase.DEFINITIVE)
    assert objects(signed_in(made.father), made, phase=Phase.DEFINITIVE).status_code == 302
    assert EntryObjection.objects.get().submission.phase == Phase.DEFINITIVE
    assert "Choix : désaccord avec la saisie (version 1)" in reads(made, made.mother, "history")


def test_what_is_typed_is_one_line_of_text_and_nothing_else(camille: Family) -> None:
    objects(signed_in(camille.father), camille, "  <b>non</b>\r\n\x00 pas  ça ")
    assert EntryObjection.objects.get().reason == "<b>non</b> pas ça"
    shown = signed_in(camille.mother).get(address(camille, "entry", **INTENTIONS)).content.decode()
    assert "&lt;b&gt;non&lt;/b&gt;" in shown and "<b>non</b>" not in shown


def test_the_journal_says_who_objected_to_which_version(camille: Family) -> None:
    objects(signed_in(camille.father), camille)
    line = JournalEntry.objects.get(verb="entry_objected")
    assert (line.actor_uuid, line.data["version"], line.data["reason"]) == (camille.father.uuid, 1, REASON)


def staff_of(of: Family) -> Client:
    return client_of(factories.staff(of.student.school, "HEAD"))


def test_the_head_reads_the_objection_in_the_list_by_a_filter_and_in_the_dossier(camille: Family) -> None:
    calm = factories.family(of=camille.student.division)
    actions.submit_choices(
        dossier=calm.dossier.uuid, phase=Phase.PROVISIONAL, choices=(PRO,), base_version=0, by=actor(calm.mother)
    )
    head = staff_of(camille)

    def found() -> list[int]:
        shown = page(head, "orientation_dossier_changelist", manque="desaccord")
        return [one.pk for one in shown.context["cl"].result_list]

    assert found() == []
    objects(signed_in(camille.father), camille)
    assert found() == [camille.dossier.pk]
    listed = page(head, "orientation_dossier_changelist").content.decode()
    assert listed.count("⚑ désaccord") == 1
    detail = page(head, "orientation_dossier_change", camille.dossier.pk)
    assert detail.context["phases"][0]["entries"][0]["objections"][0]["reason"] == REASON
    assert REASON in detail.content.decode()


def test_an_objection_to_a_version_changed_since_is_no_longer_marked_in_the_list(camille: Family) -> None:
    objects(signed_in(camille.father), camille)
    actions.submit_choices(
        dossier=camille.dossier.uuid, phase=Phase.PROVISIONAL, choices=(CAP,), base_version=1, by=actor(camille.mother)
    )
    where = reverse("admin:orientation_dossier_changelist")
    assert "⚑ désaccord" not in staff_of(camille).get(where).content.decode()
