"""A browser plays mother, father, pupil and school through the year, by the real screens and the real nights."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.core import mail
from playwright.sync_api import Dialog, Locator, Page, expect

from families.models import School
from ledger import clock
from ledger.models import LetterState, OutgoingEmail
from orientation.invariants import check
from orientation.models import Decision, Draft, Submission
from orientation.tasks import send_letters
from tests import factories
from tests.e2e import journey
from tests.e2e.conftest import Opens
from tests.e2e.journey import CAP, CHOICES, GT, INTENTIONS, PRO
from tests.factories import DURING_CHOICES, DURING_INTENTIONS, DURING_OPINIONS, DURING_PROPOSALS, Family
from tests.orientation.screens import address
from tests.siecle_sync import world
from tests.siecle_sync.world import COUNCIL_DAY, FIRST_NIGHT, SECOND_NIGHT

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True, databases=world.BOTH)]

# Two in the morning, in Paris.
THIRD_NIGHT = datetime(2026, 5, 6, 0, tzinfo=UTC)
SECOND_COUNCIL = datetime(2026, 6, 1, 14, tzinfo=UTC)
FOURTH_NIGHT = datetime(2026, 6, 2, 0, tzinfo=UTC)
LAST_NIGHT = datetime(2026, 6, 6, 0, tzinfo=UTC)
PHONE = {"width": 375, "height": 800}


@dataclass
class Cast:
    """Everybody's own browser; the mother signs in by typing."""

    camille: Family
    other: Family
    mother: Page
    father: Page
    pupil: Page
    head: Page

    @property
    def school(self) -> School:
        return self.camille.student.school


def cast(opens: Opens) -> Cast:
    camille = factories.family()
    other = factories.family(of=camille.student.division)
    head = factories.staff(camille.student.school)
    return Cast(camille, other, opens(None, viewport=PHONE), opens(camille.father), opens(camille.student), opens(head))


def mother_enters(year: Cast) -> None:
    page = year.mother
    journey.signs_in(page, year.camille.mother.user.username)
    page.get_by_role("link", name="Orientation", exact=True).and_(page.locator(".fr-tile a")).click()
    page.locator(".fr-callout .fr-btn").click()
    journey.adds(page, GT)
    journey.adds(page, CAP, text="Boulanger", status="Sous statut d’apprenti")
    journey.presses(page, f"Monter : {CAP}")
    assert journey.listed(page) == [CAP, GT]
    assert Submission.objects.filter(dossier=year.camille.dossier).count() == 0
    journey.validates(page)
    page.get_by_role("link", name="Modifier les intentions").click()
    journey.presses(page, f"Descendre : {CAP}")
    journey.validates(page)
    assert journey.listed(page) == [GT, CAP]


def mother_leaves(year: Cast) -> None:
    """Her two validations make one recap, and it waits for her sign-out (MAI-01)."""
    send_letters()
    assert mail.outbox == []
    journey.signs_out(year.mother)
    send_letters()
    assert sorted(one.to for one in mail.outbox) == sorted([parent.email] for parent in year.camille.parents)
    assert "Boulanger" in mail.outbox[0].body
    journey.signs_in(year.mother, year.camille.mother.user.username)


def father_and_pupil_read(year: Cast) -> None:
    for page in (year.father, year.pupil):
        journey.visits(page, year.camille, "entry", **INTENTIONS)
        assert journey.listed(page) == [GT, CAP]
        journey.reads(page, f"Saisie validée par {year.camille.mother.full_name}")
        expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
        journey.visits(page, year.camille, "entry_add", **INTENTIONS)
        assert page.url.endswith(address(year.camille, "entry", **INTENTIONS))
    assert not Draft.objects.exists()


def school_opens(year: Cast, phase: str) -> None:
    page = year.head
    page.goto("/admin/")
    page.get_by_role("main").locator('a[href="/admin/siecle_mock/mockdivision/"]').first.click()
    page.get_by_role("link", name=year.camille.student.division.code, exact=True).click()
    page.get_by_role("link", name=phase, exact=True).click()
    page.get_by_role("link", name="Ouvrir le conseil").click()
    page.get_by_role("button", name="Ouvrir le conseil").click()
    expect(page.get_by_text("confirmé par le service Orientation")).to_be_visible()


def school_says(year: Cast, link: str, lines: list[tuple[Family, dict[str, tuple[str, str]]]]) -> None:
    """Everything the council says of the division, on one page."""
    page = year.head
    page.get_by_role("link", name=link).click()
    for family, answers in lines:
        pupil = page.get_by_role("group", name=family.student.full_name)
        for pathway, (value, comment) in answers.items():
            named = pathway if pupil.get_by_role("radiogroup", name=pathway).count() else another(pupil, pathway)
            pupil.get_by_role("radiogroup", name=named).get_by_label(value, exact=True).check()
            pupil.get_by_label(f"Motif : {named}").fill(comment)
    page.get_by_role("button", name="Enregistrer toute la division").click()
    expect(page.get_by_role("columnheader", name="Pictogrammes")).to_be_visible()


def another(pupil: Locator, pathway: str) -> str:
    """The council proposes a pathway that was not asked for."""
    pupil.get_by_text("Proposer une autre voie").click()
    pupil.get_by_label("Voie", exact=True).select_option(label=pathway)
    return "autre voie proposée"


def nothing_to_read_yet(year: Cast) -> None:
    """The council is open: entry is stopped at once, and its answers are not there yet (CAL-06)."""
    journey.visits(year.mother, year.camille, "entry", **INTENTIONS)
    journey.reads(year.mother, "Les avis provisoires du conseil de classe ne sont pas disponibles.")
    expect(year.mother.get_by_role("link", name="Modifier les intentions")).to_have_count(0)


def father_acknowledges(year: Cast) -> None:
    journey.visits(year.father, year.camille, "opinions")
    journey.reads(year.father, "Favorable", "Réservé", "Un stage aiderait.")
    journey.presses(year.father, "J’accuse réception")
    for page in (year.mother, year.pupil):
        journey.visits(page, year.camille, "opinions")
        journey.reads(page, "Accusé de réception donné", f"Par {year.camille.father.full_name}")
        expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def father_chooses(year: Cast) -> None:
    """Each phase may have another holder (ACC-04)."""
    journey.visits(year.father, year.camille, "entry", **CHOICES)
    journey.adds(year.father, CAP, text="Boulanger", status="Sous statut d’apprenti")
    journey.adds(year.father, GT)
    journey.validates(year.father)
    journey.visits(year.mother, year.camille, "entry", **CHOICES)
    assert journey.listed(year.mother) == [CAP, GT]
    journey.reads(year.mother, "adressez-vous à", year.camille.father.full_name)
    expect(year.mother.get_by_role("main").get_by_role("button")).to_have_count(0)


def father_answers(year: Cast) -> None:
    """A page left without an answer asks first (ANS-03); then he accepts, after a confirmation (ANS-02)."""
    page, asked = year.father, []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    journey.visits(page, year.camille, "proposals")
    journey.reads(page, "Oui", "Non", "Trop juste en mathématiques.")
    journey.ticks(page, "checkbox", CAP)
    page.once("dialog", stay)
    with page.expect_event("dialog"):
        page.get_by_role("link", name="Mon compte").first.click()
    assert asked == ["beforeunload"]
    presses_accept(page)
    assert not Decision.objects.exists()
    journey.presses(page, "Confirmer : j’accepte")
    expect(page.get_by_role("heading", name="La réponse donnée")).to_be_visible()
    assert [one.pathway for one in Decision.objects.get().pathways.all()] == ["CAP"]


def presses_accept(page: Page) -> None:
    journey.presses(page, "Accepter ce que j’ai coché")
    journey.reads(page, "Vous acceptez", CAP, "Votre réponse sera définitive.")


def the_decision_stands(year: Cast) -> None:
    for page in (year.mother, year.father, year.pupil):
        journey.visits(page, year.camille, "decision")
        expect(page.get_by_role("heading", name="La décision", exact=True)).to_be_visible()
        journey.reads(page, CAP)
        journey.visits(page, year.camille, "dossier")
        expect(page.get_by_role("link", name="Lire la décision d’orientation")).to_be_visible()


PARTS = (".o-timeline__what", ".o-timeline__who")  # the second one is absent from what nobody signs


def the_history_tells_it_all(year: Cast) -> None:
    journey.visits(year.pupil, year.camille, "history")
    told = [
        tuple(" ".join(event.locator(part).all_inner_texts()).replace("\u00a0", " ") for part in PARTS)
        for event in year.pupil.locator(".o-timeline__event").all()
    ]
    mother, father = (f"Par {parent.full_name}" for parent in year.camille.parents)
    school = "Par l’établissement"
    assert told[::-1] == [
        ("Intentions : saisie validée (version 1)", mother),
        ("Intentions : saisie validée (version 2)", mother),
        ("Intentions : saisie transmise à l’établissement", ""),
        ("Intentions : saisie transmise à l’établissement", ""),
        ("Avis provisoires du conseil de classe : publication", school),
        ("Accusé de réception des avis du conseil de classe", father),
        ("Choix : saisie validée (version 1)", father),
        ("Choix : saisie transmise à l’établissement", ""),
        ("Transmission à l’établissement : accusé de réception des avis", ""),
        ("Propositions du conseil de classe : publication", school),
        (f"Réponse : acceptation – {CAP}", father),
        (f"Décision d’orientation (acceptation de la famille) : {CAP}", father),
        ("Transmission à l’établissement : réponse aux propositions", ""),
        ("Transmission à l’établissement : décision d’orientation", ""),
    ]


def the_school_reads_the_answer(year: Cast) -> None:
    year.head.reload()
    row = year.head.get_by_role("row").filter(has_text=year.camille.student.full_name)
    expect(row).to_contain_text("réponse : acceptation")
    expect(row).to_contain_text("décision")


def every_letter_is_sent(year: Cast) -> None:
    """Each kind to each parent once; the recap of the father's choices left with what his session's end released."""
    for page in (year.mother, year.father):
        journey.signs_out(page)
    send_letters()
    rows = OutgoingEmail.objects.filter(dossier_uuid=year.camille.dossier.uuid)
    assert set(rows.values_list("state", flat=True)) == {LetterState.SENT}
    assert Counter(rows.values_list("kind", flat=True)) == {
        "recap_author": 2, "recap_other": 2, "opinions_available": 2, "proposals_available": 2,
        "answer_accepted_author": 1, "answer_accepted_other": 1,
    }  # fmt: skip
    assert all(len(one.to) == 1 and not one.cc and not one.bcc for one in mail.outbox)
    told = [one.body for one in mail.outbox if CAP in one.body and year.camille.father.full_name in one.body]
    assert told


def test_a_family_and_its_school_go_through_the_year(opens: Opens) -> None:
    clock.freeze(DURING_INTENTIONS)
    year = cast(opens)
    mother_enters(year)
    mother_leaves(year)
    father_and_pupil_read(year)
    world.enters(year.other, factories.GT)
    world.night(FIRST_NIGHT)

    clock.freeze(COUNCIL_DAY)
    school_opens(year, "Phase provisoire")
    nothing_to_read_yet(year)
    said = {GT: ("Favorable", ""), CAP: ("Réservé", "Un stage aiderait.")}
    school_says(year, "Saisir les avis", [(year.camille, said), (year.other, {GT: ("Favorable", "")})])
    world.night(SECOND_NIGHT)

    clock.freeze(DURING_OPINIONS)
    father_acknowledges(year)
    clock.freeze(DURING_CHOICES)
    father_chooses(year)
    world.night(THIRD_NIGHT)

    clock.freeze(SECOND_COUNCIL)
    school_opens(year, "Phase définitive")
    said = {CAP: ("Oui", ""), GT: ("Non", "Trop juste en mathématiques."), PRO: ("Oui", "")}
    school_says(year, "Saisir les propositions", [(year.camille, said)])
    world.night(FOURTH_NIGHT)

    clock.freeze(DURING_PROPOSALS)
    father_answers(year)
    the_decision_stands(year)
    world.night(LAST_NIGHT)
    the_school_reads_the_answer(year)
    the_history_tells_it_all(year)
    every_letter_is_sent(year)
    assert [found.examples for found in check() if found.violations] == []
