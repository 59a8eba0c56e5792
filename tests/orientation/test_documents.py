"""The sheet, the attestation, the appeal form and the flyer: right at every step, readable aloud, nobody else's."""

import os
import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import page
import pytest
from django.http import HttpResponse

from families.models import School
from ledger import clock
from orientation import actions
from orientation.dates import until
from orientation.documents.appeal import appeal_form
from orientation.documents.attestation import attestation, digest, in_fours
from orientation.documents.due import SWITCHED_OFF, to_do
from orientation.documents.flyer import Dates, flyer
from orientation.documents.pdf import appeal_pdf, attestation_pdf, flyer_pdf, printed, sheets_pdf
from orientation.documents.sheet import Sheet, sheet
from orientation.documents.words import Block, where
from orientation.enums import Phase
from orientation.facts import Facts
from orientation.models import Dossier
from orientation.pathways import Choice
from orientation.reading import load_facts
from tests import factories
from tests.factories import (
    CAP,
    CHOICES_CLOSE,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    INTENTIONS_CLOSE,
    PRO,
    Family,
)
from tests.orientation import contested, letter_box, states
from tests.orientation.letter_box import SNAPSHOTS, named_family
from tests.orientation.screens import address, signed_in
from tests.orientation.second import second_decided
from tests.orientation.states import At

pytestmark = pytest.mark.django_db
DOCUMENTS = ("sheet", "attestation", "appeal_form")


def read(of: Family, *, family: bool = True) -> Sheet:
    dossier = Dossier.objects.select_related("campaign", "student__division", "student__school__academy")
    return sheet(facts_of(of), where(dossier.get(pk=of.dossier.pk)), clock.now(), family=family)


def facts_of(of: Family) -> Facts:
    return load_facts(of.dossier.uuid)


def lines(said: Sheet) -> str:
    """The whole sheet as one reads it, a line each."""
    found = [said.pupil, said.subtitle, *(f"{label} : {value}" for label, value in said.identity), said.note]
    for section in said.sections:
        found += ["", f"== {section.title}"]
        for block in section.blocks:
            found += [f"-- {block.title}", *block.text, *_listed(block)]
    return "\n".join([*found, "", said.issued, ""])


def _listed(block: Block) -> list[str]:
    choices = [f"  {rank}. {' / '.join([one.label, *one.details])}" for rank, one in enumerate(block.ranked, start=1)]
    return choices + [f"  | {' | '.join([one.label, one.said, one.comment])}" for one in block.rows]


def matches(text: str, name: str) -> None:
    """UPDATE_SNAPSHOTS=1 writes it instead, to be read again before it is committed."""
    file = SNAPSHOTS / "documents" / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), f"{name} is not what it was"


# --- a year, step by step ---------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Level:
    """What one family asks after a level, what the council says, and what the family accepts."""

    name: str
    asked: tuple[Choice, ...]
    chosen: tuple[Choice, ...]
    opinions: tuple[str, ...]
    proposals: tuple[str, ...]


GENERAL = Choice("1GEN", details=("MATHS", "PC", "SVT", "SES"))
STMG = Choice("1TECHNO", series="STMG")
THIRD = Level("3e", (GT, PRO), (GT, PRO), ("Réservé", "Favorable"), ("NON", "OUI"))
SECOND = Level(
    "2de", (GENERAL, STMG), (replace(GENERAL, details=("MATHS", "PC", "SES")), STMG), ("Réservé", "Favorable"),
    ("NON", "OUI"),
)  # fmt: skip


def a_family(level: Level) -> Family:
    if level is THIRD:
        return named_family()
    school = factories.school(name="Lycée Rosa-Parks", uai="0690002B", year_division="SEMESTERS")
    of = factories.family(
        of=factories.division(school, "2 B"), level="2GT", mef="20010019110", first_name="Camille",
        family_name="Diallo",
    )  # fmt: skip
    for person, (first, last) in zip(of.parents, (letter_box.MOTHER, letter_box.FATHER), strict=True):
        person.first_name, person.family_name = first, last
        person.save()
    return of


def a_year(of: Family, level: Level, at: At) -> Any:
    """Each step by its name, in order; what is yielded has happened."""
    at(DURING_INTENTIONS)
    yield "01-rien"
    entry = letter_box.enter(of, of.mother, Phase.PROVISIONAL, *level.asked)
    yield "02-intentions-validees"
    factories.accepted(of, entry)
    factories.council(of, opened_at=INTENTIONS_CLOSE)
    at(INTENTIONS_CLOSE)
    yield "03-conseil-ouvert"
    said = list(zip(level.asked, level.opinions, strict=True))
    factories.statement(of, answers=said, published_at=DURING_OPINIONS, submission=entry)
    yield "04-avis-pas-encore-lisibles"
    at(DURING_OPINIONS)
    yield "05-avis-publies"
    letter_box.read_opinions(of, of.dossier.statements.get(), of.father)
    yield "06-accuse"
    changed = [(choice, "Favorable") for choice in level.asked]
    factories.statement(of, answers=changed, published_at=states.LATER, submission=entry)
    at(states.LATER)
    yield "07-avis-modifies"
    at(DURING_CHOICES)
    chosen = letter_box.enter(of, of.mother, Phase.DEFINITIVE, *level.chosen)
    yield "08-choix-valides"
    factories.accepted(of, chosen)
    factories.council(of, Phase.DEFINITIVE, opened_at=CHOICES_CLOSE)
    answers = list(zip(level.chosen, level.proposals, strict=True))
    at(DURING_PROPOSALS)
    proposals = factories.statement(
        of, Phase.DEFINITIVE, answers=answers, published_at=DURING_PROPOSALS, submission=chosen
    )
    yield "09-propositions"
    letter_box.answer(of, proposals, of.mother, level.chosen[1])
    yield "10-reponse"
    if level is SECOND:
        given = of.dossier.statements.get(phase=Phase.DEFINITIVE).family_answer
        actions.agree(dossier=of.dossier.uuid, answer=given.uuid, agrees=True, by=factories.actor(of.father))
        yield "11-accord"


@pytest.mark.parametrize("level", [THIRD, SECOND], ids=lambda one: one.name)
def test_the_sheet_is_right_at_every_step_of_the_year(level: Level, at: At) -> None:
    of = a_family(level)
    for step in a_year(of, level, at):
        matches(lines(read(of)), f"fiche-{level.name}-{step}-famille")
        matches(lines(read(of, family=False)), f"fiche-{level.name}-{step}-etablissement")


ENDS = (
    contested.contested, contested.silent, contested.met, contested.decided, contested.not_notified, contested.over,
    contested.appealed, contested.appealed_late, contested.settled,
)  # fmt: skip


@pytest.mark.parametrize("story", ENDS, ids=lambda one: one.__name__)
def test_the_sheet_is_right_at_every_step_of_a_disagreement(story: Any, at: At) -> None:
    of = named_family()
    story(of, at)
    matches(lines(read(of)), f"fiche-desaccord-{story.__name__}")


def test_the_sheet_says_first_what_is_to_be_done_and_nothing_where_nobody_can_write(at: At) -> None:
    of = named_family()
    at(DURING_INTENTIONS)
    facts, now = facts_of(of), clock.now()
    said = to_do(facts, now)
    assert until(INTENTIONS_CLOSE, facts.timezone) in said
    assert said == read(of).note
    assert to_do(replace(facts, switched_off_at=now), now) == SWITCHED_OFF
    assert to_do(facts, INTENTIONS_CLOSE) != said
    assert to_do(replace(facts, birth_date=date(2007, 1, 1)), now) != said  # the pupil of age does it


CHANGES = (states.changed_by_school, states.council_opened, contested.objected)


@pytest.mark.parametrize("story", CHANGES, ids=lambda one: one.__name__)
def test_the_sheet_says_what_was_changed_left_aside_or_contested(story: Any, at: At) -> None:
    of = named_family(objection="RECORDED")
    story(of, at)
    if story is contested.objected:
        factories.accepted(of, of.dossier.submissions.get())
        factories.council(of, opened_at=INTENTIONS_CLOSE)
    matches(lines(read(of)), f"fiche-{story.__name__}")


# --- who reads what ---------------------------------------------------------------------------------------------------
def test_what_the_school_typed_is_the_family_s_to_read_with_the_opinions_only(at: At) -> None:
    of = named_family()
    factories.council(of, opened_at=INTENTIONS_CLOSE)
    at(INTENTIONS_CLOSE)
    made = factories.typed(of, Phase.PROVISIONAL, CAP, at=INTENTIONS_CLOSE)
    assert CAP.label not in lines(read(of))
    assert CAP.label in lines(read(of, family=False))
    factories.statement(of, answers=[(CAP, "Favorable")], published_at=DURING_OPINIONS, submission=made)
    at(DURING_OPINIONS)
    assert CAP.label in lines(read(of))


def test_opinions_withdrawn_before_the_family_could_read_them_are_the_school_s_alone(at: At) -> None:
    of = named_family()
    at(DURING_INTENTIONS)
    entry = letter_box.enter(of, of.mother, Phase.PROVISIONAL, GT)
    factories.statement(of, answers=[(GT, "Défavorable")], published_at=DURING_OPINIONS, submission=entry)
    factories.statement(of, answers=[(GT, "Favorable")], published_at=DURING_OPINIONS, submission=entry)
    at(DURING_OPINIONS)
    assert "Défavorable" not in lines(read(of))
    assert "Défavorable" in lines(read(of, family=False))


def test_no_document_holds_an_address_or_a_telephone_of_a_parent(at: At) -> None:
    of = named_family()
    contested.decided(of, at)
    facts, now = facts_of(of), clock.now()
    place = where(of.dossier)
    said = f"{read(of)} {read(of, family=False)} {attestation(facts, place, now)} {appeal_form(facts, place, now)}"
    assert re.findall(r"\S+@\S+", said) == []
    assert set(re.findall(r"\d\d(?: \d\d){4}", said)) == {of.student.school.phone}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_parents_and_the_pupil_read_their_documents_and_nobody_else_does(name: str, at: At) -> None:
    of, other = named_family(), factories.family()
    contested.decided(of, at)
    for person in (of.mother, of.father, of.student):
        response = signed_in(person).get(address(of, name))
        assert_readable(response)
    for person in (other.mother, other.student, factories.staff(of.student.school)):
        assert signed_in(person).get(address(of, name)).status_code == 404


def assert_readable(response: HttpResponse) -> None:
    assert response.status_code == 200
    assert response["Content-Type"] == "application/pdf"
    assert_ua(response.content)


def assert_ua(document: bytes) -> None:
    report = page.validate_pdf_bytes(document, profile="ua1")
    assert report.is_compliant, report.failures


def test_the_appeal_form_is_offered_only_while_a_decision_can_be_appealed(at: At) -> None:
    of = named_family()
    contested.met(of, at)
    form, client = address(of, "appeal_form"), signed_in(of.mother)
    screens = [address(of, name) for name in ("dossier", "decision")]

    def offered() -> set[bool]:
        found = {form in client.get(one).content.decode() for one in screens}
        return found | {client.get(form).status_code == 200}

    assert offered() == {False}
    assert client.get(form).url == address(of, "decision")
    contested.decides(of)
    assert offered() == {True}
    at(contested.NOON + 7 * contested.DAY)
    assert offered() == {False}


def test_the_screens_lead_to_the_documents(at: At) -> None:
    of = named_family()
    states.answered(of, at)
    for screen in ("dossier", "decision"):
        shown = signed_in(of.student).get(address(of, screen)).content.decode()
        assert all(address(of, name) in shown for name in ("sheet", "attestation"))


# --- the attestation --------------------------------------------------------------------------------------------------
def test_the_attestation_says_each_validated_version_and_its_digest(at: At) -> None:
    of = named_family()
    at(DURING_INTENTIONS)
    letter_box.enter(of, of.mother, Phase.PROVISIONAL, GT)
    entry = letter_box.enter(of, of.mother, Phase.PROVISIONAL, GT, PRO)
    facts = facts_of(of)
    provisional, definitive = attestation(facts, where(of.dossier), clock.now()).sections
    said, print_ = provisional.blocks
    assert [one.label for one in said.ranked] == [GT.label, PRO.label]
    assert "version 2" in said.text[0].lower()
    assert of.mother.full_name in said.text[0]
    known = facts.submission(entry.uuid)
    assert known is not None
    assert print_.text == (in_fours(digest(facts, known)),)
    assert definitive.blocks[0].ranked == ()


def test_the_digest_is_that_of_what_was_validated_and_of_nothing_else(at: At) -> None:
    of = named_family()
    at(DURING_INTENTIONS)
    letter_box.enter(of, of.mother, Phase.PROVISIONAL, GT, PRO)
    facts = facts_of(of)
    [entry] = facts.submissions
    factories.accepted(of, of.dossier.submissions.get())
    again = facts_of(of)
    assert digest(facts, entry) == digest(again, again.submissions[0]), "what Siècle does of it changes nothing"
    others = [
        replace(entry, choices=entry.choices[::-1]), replace(entry, version=2), replace(entry, author_name="X"),
        replace(entry, at=DURING_OPINIONS), replace(entry, phase=Phase.DEFINITIVE), replace(entry, asked_by="X"),
        replace(entry, choices=(GT, replace(PRO, free_text="Boulanger"))),
    ]  # fmt: skip
    assert len({digest(facts, one) for one in [entry, *others]}) == len(others) + 1
    assert re.fullmatch(r"[0-9a-f]{64}", digest(facts, entry))


# --- as PDF -----------------------------------------------------------------------------------------------------------
def test_every_document_is_accessible_whatever_is_typed_in_it(at: At) -> None:
    """Names and reasons are text, never a source: Typst's own marks are read as they were typed."""
    of = named_family()
    type(of.student).objects.filter(pk=of.student.pk).update(first_name='#panic("x") $a *b* [c] \\d', usage_name="«")
    second_family = factories.family(level="2GT", mef="20010019110")
    contested.settled(of, at)
    second_decided(second_family, at)
    both = [read(of, family=False), read(second_family)]
    facts, now = facts_of(of), datetime.combine(date(2026, 6, 15), DURING_PROPOSALS.timetz())
    place = where(of.dossier)
    assert_ua(sheets_pdf(both))
    assert_ua(attestation_pdf(attestation(facts, place, now)))
    assert_ua(appeal_pdf(appeal_form(facts, place, now)))
    for phase in Phase:
        made = flyer(place.school, "3E", phase, Dates(longer=("3 A : demain",)), (("3 A", "lundi"),), "https://o.fr")
        assert_ua(flyer_pdf(made))


def test_a_division_is_one_pdf_with_a_bookmark_for_each_pupil(at: At) -> None:
    of = named_family()
    states.answered(of, at)
    said = read(of)
    one, three = (sheets_pdf([replace(said, pupil=f"Élève {n}") for n in range(count)]) for count in (1, 3))
    assert_ua(three)
    pages = [int(re.findall(rb"/Type ?/Pages\b.*?/Count (\d+)", made, re.DOTALL)[0]) for made in (one, three)]
    assert pages[1] == 3 * pages[0]
    assert b"/Outlines" in three


def test_the_typography_is_that_of_a_french_printer() -> None:
    said = printed({"a": ["« Oui » : non ?"], "b": {"c": "x ; y !"}, "n": 1})
    assert said == {"a": ["«\u00a0Oui\u00a0»\u00a0: non\u00a0?"], "b": {"c": "x\u00a0; y\u00a0!"}, "n": 1}


# --- the flyer --------------------------------------------------------------------------------------------------------
def test_the_flyer_says_what_is_not_known_and_whom_to_call_without_the_internet() -> None:
    school = School(uai="0690001A", name="Collège Lucie-Aubrac", phone="04 00 00 00 00", address="1 rue des Lilas")
    made = flyer(school, "3E", Phase.DEFINITIVE, Dates(closes="vendredi 29 mai"), (), "https://o.fr")
    values = [value for _, value in asdict(made)["dates"]]
    assert values[1] == "vendredi 29 mai"
    assert len(set(values)) == 2
    assert school.phone in made.without[-1]
    assert school.address in made.without[-1]
