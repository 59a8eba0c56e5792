"""Families as they are: they change in mid-campaign, and each screen says what it means for them (ACC-02…08)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from families.models import Representative, Student
from ledger.journal import SYSTEM
from ledger.models import JournalEntry, OutgoingEmail
from orientation import actions, letters
from orientation.models import Draft, Pen, Submission
from orientation.rules import Refusal
from siecle_sync.bee.load import import_files
from tests import factories
from tests.factories import DURING_INTENTIONS, Family, actor
from tests.orientation.imported import (
    FATHER,
    MOTHER,
    SCREENS,
    STEPFATHER,
    P,
    history,
    home,
    imported,
    imports,
    refusal,
    submit,
    told,
)
from tests.orientation.screens import add, address, press, signed_in, text_of
from tests.orientation.states import (
    At,
    drafting,
    intentions_entered,
    intentions_open,
    opinions_published,
    proposed,
)
from tests.siecle_sync.bee_builder import UAI, YEAR, eleve, lien, personne, persons, pupils

pytestmark = pytest.mark.django_db


# --- somebody loses their authority, or has it back -------------------------------------------------------------------
@pytest.fixture
def separated(at: At) -> Family:
    """The mother holds the pen, and has begun to change what she entered."""
    at(DURING_INTENTIONS)
    family = imported(MOTHER, FATHER)
    submit(family, family.mother)
    actions.add_choice(
        dossier=family.dossier.uuid, phase=P, choice=factories.CAP, user=family.mother.user, by=actor(family.mother)
    )
    return family


@pytest.mark.parametrize("loss", ["vanished", "level 2"])
def test_a_holder_who_is_no_longer_legal_loses_the_pen_at_the_next_import_with_a_trace(
    separated: Family, loss: str
) -> None:
    report = imports(FATHER) if loss == "vanished" else imports(FATHER, MOTHER, level=2)
    assert report.counts["pens_released"] == 1
    released = Pen.objects.get()
    assert released.released_at == DURING_INTENTIONS
    line = JournalEntry.objects.get(verb="pen_released")
    assert (line.dossier_uuid, line.data["phase"], line.data["reason"]) == (
        separated.dossier.uuid, P, released.release_reason,
    )  # fmt: skip
    assert told("pen_released") == {separated.father.uuid}


def test_the_lost_pen_is_explained_to_who_reads_the_dossier_today(separated: Family) -> None:
    imports(FATHER)
    letter = letters.render(OutgoingEmail.objects.get(kind="pen_released"))
    assert letter.to == separated.father.email
    assert "n’est plus représentant légal" in letter.text
    father = signed_in(separated.father)
    assert "n’est plus représentant légal" in history(father, separated)
    assert f"{separated.mother.full_name} avait validé une liste. Vous pouvez la modifier" in home(father, separated)
    shown = text_of(father.get(address(separated, "entry", phase=P)))
    assert f"{separated.mother.full_name} a validé une saisie. Vous pouvez la modifier" in shown
    assert "ont bien été validées" not in shown


def test_who_lost_authority_loses_the_dossier_at_once_on_a_page_still_open_and_what_was_typed_is_erased(
    separated: Family,
) -> None:
    mother = signed_in(separated.mother)
    assert mother.get(address(separated, "dossier")).status_code == 200
    imports(FATHER)
    for screen in SCREENS:
        assert mother.get(address(separated, screen)).status_code == 404
    assert add(mother, separated, "CAP").status_code == 404
    assert not Draft.objects.exists()


def test_a_draft_of_somebody_who_held_no_pen_is_erased_too(at: At) -> None:
    at(DURING_INTENTIONS)
    family = imported(MOTHER, FATHER)
    drafting(family, at)
    imports(FATHER)
    assert not Draft.objects.exists()
    assert not JournalEntry.objects.filter(verb="pen_released").exists()


def test_the_validated_entry_stands_and_the_other_takes_the_pen(separated: Family) -> None:
    imports(FATHER)
    father = signed_in(separated.father)
    assert father.get(address(separated, "entry_change", phase=P)).status_code == 200
    assert add(father, separated, "CAP").status_code == 302
    assert press(father, separated, "entry_validate").status_code == 302
    assert list(Submission.objects.order_by("version").values_list("author_name", flat=True)) == [
        separated.mother.full_name, separated.father.full_name,
    ]  # fmt: skip
    assert Pen.objects.get(released_at=None).representative == separated.father


def test_the_same_import_twice_releases_nothing_more(separated: Family) -> None:
    imports(FATHER)
    assert imports(FATHER).counts["pens_released"] == 0
    assert JournalEntry.objects.filter(verb="pen_released").count() == 1
    assert OutgoingEmail.objects.filter(kind="pen_released").count() == 1


def test_a_rehearsed_import_counts_the_pens_and_releases_none(separated: Family) -> None:
    files = [pupils(eleve(1), exported="02/02/2026"), persons([personne(FATHER)], [lien(1, FATHER)])]
    report = import_files(files, uai=UAI, year=YEAR, dry_run=True)
    assert report.counts["pens_released"] == 1
    assert Pen.objects.get().released_at is None
    assert Draft.objects.exists()


def test_a_guardianship_restored_gives_the_dossier_back_but_not_the_pen_and_the_history_says_so(
    separated: Family,
) -> None:
    imports(FATHER)
    submit(separated, separated.father, 1)
    imports(MOTHER, FATHER)
    mother = signed_in(separated.mother)
    assert refusal(lambda: submit(separated, separated.mother, 2)) == Refusal.PEN_HELD
    assert f"{separated.father.full_name}, qui peut la modifier" in home(mother, separated)
    assert "est de nouveau représentant légal" in history(mother, separated)


def test_a_guardianship_restored_before_anybody_else_validates_may_act_like_the_other(separated: Family) -> None:
    imports(FATHER)
    imports(MOTHER, FATHER)
    assert Pen.objects.filter(released_at=None).count() == 0
    assert submit(separated, separated.father, 1).version == 2


def test_the_night_releases_what_an_import_cut_short_had_left(at: At) -> None:
    at(DURING_INTENTIONS)
    family, other = factories.family(), factories.family()
    submit(family, family.mother)
    submit(other, other.mother)
    factories.loses_authority(family, family.mother)
    assert actions.release_lost_pens(by=SYSTEM, academy="28") == 0
    assert actions.release_lost_pens(by=SYSTEM, academy="10") == 1
    assert Pen.objects.get(released_at=None).dossier == other.dossier
    assert told("pen_released") == {family.father.uuid}


def test_a_holder_who_kept_their_authority_keeps_the_pen(at: At) -> None:
    at(DURING_INTENTIONS)
    family = imported(MOTHER, FATHER)
    submit(family, family.mother)
    assert imports(MOTHER).counts["pens_released"] == 0
    assert Pen.objects.get().released_at is None


# --- one, three, one more ---------------------------------------------------------------------------------------------
def test_one_representative_alone_enters_and_decides_even_where_all_must_answer(at: At) -> None:
    family = factories.family(parents=1, policies={"answered_by": "ALL"})
    at(DURING_INTENTIONS)
    mother = signed_in(family.mother)
    assert add(mother, family, "2GT").status_code == 302
    assert "à vous et" not in text_of(mother.get(address(family, "entry", phase=P)))
    assert press(mother, family, "entry_validate").status_code == 302
    assert told("recap_author") | told("recap_other") == {family.mother.uuid}


def test_three_representatives_read_and_are_told_and_one_writes(at: At) -> None:
    family = factories.family(parents=3)
    at(DURING_INTENTIONS)
    submit(family, family.mother)
    assert told("recap_other") == {one.uuid for one in family.parents[1:]}
    for other in family.parents[1:]:
        assert refusal(lambda other=other: submit(family, other, 1)) == Refusal.PEN_HELD
        assert f"{family.mother.full_name}, qui peut la modifier" in home(signed_in(other), family)
    page = text_of(signed_in(family.mother).get(address(family, "entry", phase=P)))
    assert "à vous et aux autres représentants légaux" in page


def test_signing_out_says_to_whom_the_recap_goes_whatever_their_number(at: At) -> None:
    at(DURING_INTENTIONS)
    for number, said in ((1, "envoyé à vous, si"), (2, "à l’autre représentant"), (3, "aux autres représentants")):
        family = factories.family(parents=number)
        mother = signed_in(family.mother)
        add(mother, family, "2GT")
        press(mother, family, "entry_validate")
        assert said in text_of(mother.post("/deconnexion/", follow=True))


def test_a_representative_added_in_mid_campaign_reads_what_the_other_holds(separated: Family) -> None:
    imports(MOTHER, FATHER, STEPFATHER)
    added = Representative.objects.get(siecle_id=STEPFATHER)
    added.user = factories.user()
    added.save()
    assert f"{separated.mother.full_name}, qui peut la modifier" in home(signed_in(added), separated)
    assert refusal(lambda: submit(separated, added, 1)) == Refusal.PEN_HELD


def test_a_representative_added_in_mid_campaign_acts_when_nobody_holds_the_pen(at: At) -> None:
    at(DURING_INTENTIONS)
    family = imported(MOTHER)
    imports(MOTHER, FATHER)
    added = Representative.objects.get(siecle_id=FATHER)
    added.user = factories.user()
    added.save()
    assert "Saisir les intentions" in home(signed_in(added), family)
    assert submit(family, added).author_name == added.full_name
    assert told("recap_other") == {family.mother.uuid}


# --- a pupil of age ---------------------------------------------------------------------------------------------------
def test_a_pupil_of_age_without_any_representative_acts_alone(at: At) -> None:
    family = factories.family(parents=0, birth_date=date(2007, 5, 1))
    at(DURING_INTENTIONS)
    pupil = signed_in(family.student)
    assert "À faire maintenant : saisir les intentions" in home(pupil, family)
    assert add(pupil, family, "2GT").status_code == 302
    assert press(pupil, family, "entry_validate").status_code == 302
    assert Pen.objects.get().student == family.student
    assert told("recap_author") == {family.student.uuid}


def test_the_pen_passes_to_the_pupil_who_comes_of_age_in_mid_campaign(at: At) -> None:
    birthday = DURING_INTENTIONS.date() + timedelta(days=3)
    family = factories.family(birth_date=birthday.replace(year=birthday.year - 18))
    at(DURING_INTENTIONS)
    submit(family, family.mother)
    at(DURING_INTENTIONS + timedelta(days=2))
    assert actions.release_lost_pens(by=SYSTEM) == 0
    at(DURING_INTENTIONS + timedelta(days=3))
    assert actions.release_lost_pens(by=SYSTEM) == 1
    assert told("pen_released") == {family.mother.uuid, family.father.uuid, family.student.uuid}
    mother, pupil = signed_in(family.mother), signed_in(family.student)
    assert "L’élève est majeur" in text_of(mother.get(address(family, "entry", phase=P)))
    assert refusal(lambda: submit(family, family.mother, 1)) == Refusal.STUDENT_OF_AGE
    assert "l’élève est majeur" in history(mother, family)
    assert add(pupil, family, "CAP").status_code == 302
    assert press(pupil, family, "entry_validate").status_code == 302
    assert Pen.objects.get(released_at=None).student == family.student


@pytest.mark.corrupts("INV-10")
@pytest.mark.parametrize(
    ("story", "said"),
    [
        (intentions_open, "L’élève, majeur, peut saisir jusqu’au"),
        (intentions_entered, "L’élève est majeur : c’est à lui de modifier la saisie"),
        (opinions_published, "L’élève, majeur, doit en accuser réception"),
        (proposed, "L’élève, majeur, doit répondre"),
    ],
)
def test_the_parents_of_a_pupil_of_age_read_that_the_pupil_acts(
    at: At, story: Callable[[Family, At], None], said: str
) -> None:
    family = factories.family()
    story(family, at)
    Student.objects.filter(pk=family.student.pk).update(birth_date=date(2007, 5, 1))
    assert said in home(signed_in(family.mother), family)


def test_the_letter_of_majority_speaks_to_the_pupil_and_to_the_parents(at: At) -> None:
    family = factories.family(birth_date=date(2008, 1, 20))
    family.student.user.email = "eleve@exemple.invalid"
    family.student.user.save()
    at(DURING_INTENTIONS - timedelta(days=3))
    submit(family, family.mother)
    at(DURING_INTENTIONS)
    actions.release_lost_pens(by=SYSTEM)
    texts = {row.recipient_uuid: letters.render(row).text for row in OutgoingEmail.objects.filter(kind="pen_released")}
    assert "c’est à vous d’agir" in texts[family.student.uuid]
    assert "et vous pouvez lire" in texts[family.mother.uuid]


def test_a_birth_date_put_right_gives_the_pen_back_to_the_representatives(at: At) -> None:
    family = factories.family(birth_date=date(2007, 3, 14))
    at(DURING_INTENTIONS)
    submit(family, family.student)
    Student.objects.filter(pk=family.student.pk).update(birth_date=date(2011, 3, 14))
    assert actions.release_lost_pens(by=SYSTEM) == 1
    assert submit(family, family.father, 1).version == 2


# --- twins ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def twins(at: At) -> tuple[Family, Family]:
    at(DURING_INTENTIONS)
    first = factories.family(first_name="Ana")
    return first, factories.sibling(first, first_name="Léo")


def test_twins_in_one_class_have_a_card_each_and_each_screen_names_the_child(twins: tuple[Family, Family]) -> None:
    mother = signed_in(twins[0].mother)
    portal = text_of(mother.get("/mes-services/"))
    assert "Ana Martin" in portal
    assert "Léo Martin" in portal
    for one, other in (("Ana", "Léo"), ("Léo", "Ana")):
        family = twins[0] if one == "Ana" else twins[1]
        for screen, path in [*((name, {}) for name in SCREENS), ("entry", {"phase": P}), ("entry_add", {"phase": P})]:
            page = text_of(mother.get(address(family, screen, **path)))
            assert f"{one} Martin" in page
            assert other not in page


def test_an_act_on_one_twin_never_touches_the_other(twins: tuple[Family, Family]) -> None:
    ana, leo = twins
    mother, father = signed_in(ana.mother), signed_in(ana.father)
    add(mother, ana, "2GT")
    add(father, leo, "CAP")
    press(mother, ana, "entry_validate")
    assert list(Submission.objects.values_list("dossier", flat=True)) == [ana.dossier.pk]
    assert list(Draft.objects.values_list("dossier", flat=True)) == [leo.dossier.pk]
    press(father, leo, "entry_validate")
    pens = dict(Pen.objects.values_list("dossier", "representative"))
    assert pens == {ana.dossier.pk: ana.mother.pk, leo.dossier.pk: ana.father.pk}
    kept = OutgoingEmail.objects.filter(kind="recap_author").order_by("created_at", "pk")
    assert {(one.dossier_uuid, one.recipient_uuid) for one in kept} == {
        (ana.dossier.uuid, ana.mother.uuid), (leo.dossier.uuid, ana.father.uuid),
    }  # fmt: skip


def test_authority_lost_for_one_twin_is_kept_for_the_other(twins: tuple[Family, Family]) -> None:
    ana, leo = twins
    submit(ana, ana.mother)
    submit(leo, leo.mother)
    factories.loses_authority(ana, ana.mother)
    assert actions.release_lost_pens(by=SYSTEM) == 1
    mother = signed_in(ana.mother)
    assert mother.get(address(ana, "dossier")).status_code == 404
    assert mother.get(address(leo, "dossier")).status_code == 200
    assert Pen.objects.get(released_at=None).dossier == leo.dossier
