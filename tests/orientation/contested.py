"""The family's screens of a disagreement: the objection, the meeting, the head's decision, the appeal (ANS-07)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from families.models import User
from ledger.journal import Actor
from ledger.models import ActorKind
from orientation import actions
from orientation.models import Decision
from tests import factories
from tests.factories import PROPOSALS_CLOSE, Family, actor, staff
from tests.orientation.states import INTENTIONS, At, State, intentions_entered, proposed, refused

MONDAY, TUESDAY, THURSDAY = date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 18)
NOON = datetime(2026, 6, 15, 10, tzinfo=UTC)
DAY = timedelta(days=1)
RECORDED = {"objection": "RECORDED"}


def school_of(of: Family) -> dict[str, User | Actor]:
    user = staff(of.student.school, "SECRETARY")
    return {"user": user, "by": Actor(ActorKind.SCHOOL, user.uuid, "Le secrétariat")}


def meets(of: Family, held_on: date = MONDAY, present: str = "l’élève et sa mère") -> Any:
    return actions.record_meeting(dossier=of.dossier.uuid, held_on=held_on, present=present, **school_of(of))


def appeals(of: Family, filed_on: date = TUESDAY) -> Any:
    return actions.record_appeal(dossier=of.dossier.uuid, filed_on=filed_on, **school_of(of))


def decides(of: Family, origin: str = "HEAD", pathway: str = "CAP", notified_on: date | None = MONDAY) -> Decision:
    """What the night brings of the head of school, or of the commission on appeal."""
    at = NOON + timedelta(hours=1 if origin == "HEAD" else 200)
    return factories.decided(of, pathway, origin=origin, at=at, notified_on=notified_on)


def contested(of: Family, at: At) -> None:
    """The mother has refused every proposal; it is Monday, after the end of the consultation."""
    refused(of, at)
    at(NOON)


def silent(of: Family, at: At) -> None:
    proposed(of, at)
    at(PROPOSALS_CLOSE)


def met(of: Family, at: At) -> None:
    contested(of, at)
    meets(of)


def decided(of: Family, at: At) -> None:
    met(of, at)
    decides(of)


def not_notified(of: Family, at: At) -> None:
    met(of, at)
    decides(of, notified_on=None)


def over(of: Family, at: At) -> None:
    decided(of, at)
    at(NOON + 7 * DAY)


def appealed(of: Family, at: At) -> None:
    decided(of, at)
    at(NOON + DAY)
    appeals(of)


def appealed_late(of: Family, at: At) -> None:
    over(of, at)
    appeals(of, THURSDAY + DAY)


def settled(of: Family, at: At) -> None:
    appealed(of, at)
    decides(of, "APPEAL", "2GT", notified_on=None)
    at(NOON + 10 * DAY)


def objected(of: Family, at: At) -> None:
    intentions_entered(of, at)
    actions.object_to_entry(
        dossier=of.dossier.uuid, submission=of.dossier.submissions.get().uuid, reason="Nous avions convenu d’un CAP.",
        by=actor(of.father),
    )  # fmt: skip


CONTESTED = (
    State("entry-to-object", intentions_entered, "entry", INTENTIONS, who="father", policies=RECORDED),
    State("entry-objected", objected, "entry", INTENTIONS, policies=RECORDED),
    State("history-objected", objected, "history", policies=RECORDED),
    State("decision-silent", silent, "decision"),
    State("home-silent", silent, "dossier"),
    State("decision-met", met, "decision"),
    State("home-met", met, "dossier"),
    State("decision-to-appeal", decided, "decision"),
    State("home-to-appeal", decided, "dossier"),
    State("decision-not-notified", not_notified, "decision"),
    State("decision-over", over, "decision"),
    State("decision-appealed", appealed, "decision"),
    State("decision-appealed-late", appealed_late, "decision"),
    State("decision-settled", settled, "decision"),
    State("home-settled", settled, "dossier"),
)
