"""A family with names that stay, and the letters it was written: what the tests of letters share."""

import os
import re
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

import html5lib

from families.models import Representative, Student
from ledger.mail import Letter
from ledger.models import LetterState, OutgoingEmail
from ledger.outbox import post
from orientation import letters
from orientation.actions import acknowledge, answer_proposals, submit_choices
from orientation.enums import AnswerKind, Phase
from orientation.models import CouncilStatement, Dossier, FamilyAnswer, Submission
from orientation.pathways import Choice
from tests import factories
from tests.factories import GT, PRO, Family, actor

SNAPSHOTS = Path(__file__).parent / "snapshots"
MOTHER, FATHER, THIRD = ("Awa", "Diallo"), ("Jean-Noël", "L’Hôte"), ("Inès", "Diallo")
MARK = re.compile(r"^(?:\d+\.|-|—) | —$")


def named_family(*, parents: int = 2, birth_date: date = date(2011, 3, 14), **policies: object) -> Family:
    where = factories.school(name="Collège Lucie-Aubrac", uai="0690001A", email="ce.0690001a@ac-lyon.invalid")
    division = factories.division(where, "3 A")
    child = factories.student(
        division, user=factories.user("eleve", email="camille@exemple.invalid"), first_name="Camille",
        family_name="Diallo", birth_date=birth_date,
    )  # fmt: skip
    dossier = Dossier.objects.create(campaign=factories.campaign(of=where.academy, **policies), student=child)
    people = [
        factories.representative(
            child, first_name=first, family_name=last, email=f"{first[:2].lower()}@exemple.invalid"
        )
        for first, last in (MOTHER, FATHER, THIRD)[:parents]
    ]
    return Family(dossier, child, people)


def enter(
    family: Family, by: Representative | Student, phase: str, *choices: Choice, sid: UUID | None = None
) -> Submission:
    last = Submission.objects.filter(dossier=family.dossier, phase=phase).order_by("-version").first()
    return submit_choices(
        dossier=family.dossier.uuid,
        phase=phase,
        choices=choices or (GT, PRO),
        base_version=last.version if last else 0,
        by=actor(by, sid),
    )


def gave_opinions(
    family: Family, *answers: tuple[Choice, str], at: datetime, entry: Submission | None = None
) -> CouncilStatement:
    return factories.statement(family, answers=list(answers), published_at=at, submission=entry, told=False)


def read_opinions(family: Family, statement: CouncilStatement, by: Representative | Student) -> None:
    acknowledge(dossier=family.dossier.uuid, statement=statement.uuid, by=actor(by))


def gave_proposals(family: Family, entry: Submission, at: datetime) -> CouncilStatement:
    return factories.statement(
        family, Phase.DEFINITIVE, answers=[(GT, "NON"), (PRO, "OUI")], published_at=at, submission=entry, told=False
    )


def answer(family: Family, statement: CouncilStatement, by: Representative, *accepted: Choice) -> FamilyAnswer:
    return answer_proposals(
        dossier=family.dossier.uuid,
        statement=statement.uuid,
        kind=AnswerKind.ACCEPTED if accepted else AnswerKind.REFUSED,
        accepted=[one.key for one in accepted],
        by=actor(by),
    )


def write(family: Family, kind: str, to: Representative | Student, about: UUID, at: datetime, **data: object) -> None:
    """A letter of the night, as the night writes it."""
    post(
        kind=kind, recipient=to.uuid, dossier=family.dossier.uuid, about=about, at=at, data=data,
        dedup_key=f"{kind}:{about}:{to.uuid}",
    )  # fmt: skip


def row_of(kind: str, to: Representative | Student) -> OutgoingEmail:
    return OutgoingEmail.objects.filter(kind=kind, recipient_uuid=to.uuid).latest("created_at")


def letter(kind: str, to: Representative | Student) -> Letter:
    return letters.render(row_of(kind, to))


def states() -> list[str]:
    return sorted(OutgoingEmail.objects.values_list("state", flat=True))


def held() -> int:
    return OutgoingEmail.objects.filter(state=LetterState.HELD).count()


def whole(letter: Letter) -> str:
    head = (f"De : {letter.sender}", f"À : {letter.to}", f"Répondre à : {letter.reply_to}", f"Objet : {letter.subject}")
    return "\n".join((*head, "", letter.text))


def matches_snapshot(letter: Letter, name: str) -> None:
    """Compare the whole letter; UPDATE_SNAPSHOTS=1 writes it instead, to be read again before it is committed."""
    file = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.write_text(whole(letter), encoding="utf-8")
    assert whole(letter) == file.read_text(encoding="utf-8"), f"{name} is not what it was"
    html_says_the_same(letter)


def html_says_the_same(letter: Letter) -> None:
    """The HTML is valid, loads nothing, and has every line of the text, in order, and no other."""
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(letter.html)
    assert not document.findall(".//img") and not document.findall(".//link") and not document.findall(".//script")
    said = [MARK.sub("", line).strip() for line in letter.text.splitlines() if line.strip()]
    assert document.findtext("body/div") == said[1], "the preview is the first sentence after the greeting"
    heading, *blocks = document.findall("body/main/*")
    assert f"[ORIENTATION] {heading.text}" == letter.subject == document.findtext("head/title")
    shown = [line.strip() for block in blocks for line in "\n".join(block.itertext()).splitlines() if line.strip()]
    assert shown == said
