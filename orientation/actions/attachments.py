"""What an attachment means for the dossiers it opens: a line in each one's history, no draft left behind (ACC-07)."""

from typing import Any

from django.db.models import F

from families.attachments import children_of, person_of
from families.models import Attachment
from ledger import clock, journal
from ledger.journal import Actor
from orientation.models import Dossier, Draft


def note_attached(attachment: Attachment, by: Actor, **_: Any) -> None:
    """Everybody who reads these dossiers sees that this person reads them too, since when and by what way."""
    said = {"way": attachment.way, "provider": attachment.provider}
    _note("reader_attached", attachment, by, **said)


def note_detached(attachment: Attachment, by: Actor, **_: Any) -> None:
    """What the account was typing for these children goes; what was validated stays, and so does the pen (ACC-08)."""
    children = children_of(person_of(attachment))
    Draft.objects.filter(user=attachment.user_id, dossier__student__in=children).delete()
    _note("reader_detached", attachment, by)


def _note(verb: str, attachment: Attachment, by: Actor, **data: Any) -> None:
    person, now = person_of(attachment), clock.now()
    dossiers = Dossier.objects.filter(student__in=children_of(person), campaign__year=F("student__year"))
    for dossier in dossiers.order_by("pk").values_list("uuid", flat=True):
        journal.write(
            verb=verb, by=by, at=now, dossier=dossier, attachment=str(attachment.uuid), name=person.full_name, **data
        )
