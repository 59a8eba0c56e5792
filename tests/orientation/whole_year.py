"""A dossier with a row in every table of the procedure, written by the acts wherever one exists."""

from datetime import datetime, timedelta
from uuid import uuid4

from families.models import User
from ledger import clock
from ledger.models import LetterEvent, OutgoingEmail
from ledger.seals import seal_journal
from orientation import actions
from orientation.figures import kept
from orientation.models import (
    Appeal,
    CouncilStatement,
    Draft,
    EntryObjection,
    Extension,
    FamilyContact,
    GateLift,
    InvariantRun,
    Meeting,
    SpecialtyOffer,
    Submission,
)
from tests.factories import (
    CAP,
    DURING_CHOICES,
    DURING_INTENTIONS,
    DURING_OPINIONS,
    DURING_PROPOSALS,
    GT,
    PRO,
    Family,
    accepted,
    actor,
    council,
    decided,
    family,
    statement,
)


def whole_year(home: Family | None = None, *, appeal: bool = True) -> Family:
    """Both parents, policy « answered by all »; the sandbox's clock is left at the time of the proposals."""
    home = home or family(policies={"answered_by": "ALL"})
    _intentions(home)
    _opinions(home)
    _choices(home)
    _proposals(home)
    _what_is_contested(home, home.mother.user)
    if appeal:
        _appeals(home, home.mother.user)
    _what_the_school_decides(home, home.mother.user)
    return home


def _intentions(home: Family) -> None:
    clock.freeze(DURING_INTENTIONS)
    entry = _enters(home, "PROVISIONAL", GT, PRO)
    accepted(home, entry)
    council(home, opened_at=DURING_INTENTIONS + timedelta(days=30))


def _enters(home: Family, phase: str, *choices: object) -> Submission:
    return actions.submit_choices(
        dossier=home.dossier.uuid, phase=phase, choices=choices, base_version=0, by=actor(home.mother)
    )


def _opinions(home: Family) -> None:
    clock.freeze(DURING_OPINIONS)
    entry, before = home.dossier.submissions.get(), DURING_OPINIONS - timedelta(days=2)
    statement(home, answers=[(GT, "Réservé"), (PRO, "Réservé")], published_at=before, submission=entry)
    said = statement(home, answers=[(GT, "Favorable"), (PRO, "Réservé")], published_at=before, submission=entry)
    actions.acknowledge(dossier=home.dossier.uuid, statement=said.uuid, by=actor(home.father))


def _choices(home: Family) -> None:
    clock.freeze(DURING_CHOICES)
    GateLift.objects.create(dossier=home.dossier, reason="essai", at=DURING_CHOICES, by=home.mother.user)
    _enters(home, "DEFINITIVE", GT, PRO)
    Draft.objects.create(user=home.mother.user, dossier=home.dossier, phase="DEFINITIVE", updated_at=DURING_CHOICES)


def _proposals(home: Family) -> None:
    clock.freeze(DURING_PROPOSALS)
    proposals = statement(
        home, "DEFINITIVE", answers=[(GT, "OUI"), (PRO, "OUI"), (CAP, "NON")], published_at=DURING_PROPOSALS,
        submission=home.dossier.submissions.get(phase="DEFINITIVE"),
    )  # fmt: skip
    answer = actions.answer_proposals(
        dossier=home.dossier.uuid, statement=proposals.uuid, kind="ACCEPTED", accepted=[GT.key], by=actor(home.mother)
    )
    actions.agree(dossier=home.dossier.uuid, answer=answer.uuid, agrees=True, by=actor(home.father))


def _what_is_contested(home: Family, by: User) -> None:
    """What the database keeps of it, whatever the rules would have said of such an order."""
    dossier, entry, day = home.dossier, home.dossier.submissions.get(phase="PROVISIONAL"), DURING_PROPOSALS.date()
    EntryObjection.objects.create(
        submission=entry, representative=home.father, author_name="le père", at=DURING_INTENTIONS
    )
    Meeting.objects.create(dossier=dossier, held_on=day, present="la famille", at=DURING_PROPOSALS, by=by)
    decided(home, "CAP", at=DURING_PROPOSALS, notified_on=day)
    FamilyContact.objects.create(dossier=dossier, means="PHONE", at=DURING_PROPOSALS, by=by)
    news = {"kind": "DELIVERED", "at": DURING_PROPOSALS, "received_at": DURING_PROPOSALS}
    LetterEvent.objects.create(
        letter=OutgoingEmail.objects.filter(dossier_uuid=dossier.uuid).first(), key=str(uuid4()), **news
    )


def _appeals(home: Family, by: User) -> None:
    Appeal.objects.create(dossier=home.dossier, filed_on=DURING_PROPOSALS.date(), at=DURING_PROPOSALS, by=by)


def _what_the_school_decides(home: Family, user: User) -> None:
    campaign, school, by = home.dossier.campaign, home.student.school, actor(home.mother)
    actions.switch_service(campaign=campaign, school=school, enabled=True, user=user, by=by)
    actions.set_closing(campaign=campaign, school=school, phase="DEFINITIVE", closes_at=None, user=user, by=by)
    Extension.objects.create(
        campaign=campaign, phase="DEFINITIVE", kind="ENTRY", closes_at=DURING_PROPOSALS, reason="panne",
        at=DURING_CHOICES, by=user,
    )  # fmt: skip
    SpecialtyOffer.objects.create(campaign=campaign, school=school, specialties=["MATHS"], at=DURING_CHOICES, by=user)
    InvariantRun.objects.create(started_at=DURING_PROPOSALS)
    seal_journal()
    kept.keep()


def said_by_council(
    home: Family, phase: str, at: datetime, *, submission: Submission | None = None
) -> CouncilStatement:
    """A version beside the others, without a word: none of what a night does around it."""
    return CouncilStatement.objects.create(
        dossier=home.dossier, phase=phase, version=home.dossier.statements.filter(phase=phase).count() + 1,
        division=home.student.division, submission=submission, entered_at=at, received_at=at, published_at=at,
        siecle_ref=str(uuid4()),
    )  # fmt: skip
