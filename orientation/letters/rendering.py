"""From a waiting row to a letter ready to leave (MAI-07)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string

from ledger.mail import Letter
from ledger.models import OutgoingEmail
from orientation.letters import account, answers, attachments, calendar, changes, council, entries, reminder
from orientation.letters.addressing import envelopes_of
from orientation.letters.envelope import Envelope, Wording
from orientation.letters.markup import as_html, as_text, preview_of, tidy

PREFIX = "[ORIENTATION]"

KINDS: Mapping[str, Callable[[Envelope], Wording]] = {
    "recap_author": entries.recap_author,
    "recap_other": entries.recap_other,
    "entry_not_processed": entries.not_processed,
    "entry_changed_by_school": changes.entry_changed,
    "pen_released": entries.pen_released,
    "window_extended": calendar.window_extended,
    "opinions_available": council.opinions_available,
    "opinions_changed": council.changed,
    "proposals_available": council.proposals_available,
    "answer_accepted_author": answers.accepted_author,
    "answer_accepted_other": answers.accepted_other,
    "answer_refused_author": answers.refused_author,
    "answer_refused_other": answers.refused_other,
    "agreement_awaited": answers.agreement_awaited,
    "agreement_outcome": answers.agreement_outcome,
    "decision_recorded": answers.decision_recorded,
    "reminder": reminder.reminder,
}
OF_ACCOUNTS: Mapping[str, Callable[[OutgoingEmail], tuple[account.AccountEnvelope, Wording]]] = {
    **account.KINDS,
    **attachments.KINDS,
}


class UnknownKind(LookupError):
    """No letter of this kind is written."""


def render(row: OutgoingEmail) -> Letter:
    """Write the letter of a row: the version it reports, with today's deadlines.

    Raises NoAddress when there is nobody to write to, NothingToSay when all is done; UnknownKind, UnknownVersion or
    UnknownDossier for a broken row.
    """
    [(_, written)] = render_all([row])
    if isinstance(written, Exception):
        raise written
    return written


def render_all(rows: Iterable[OutgoingEmail]) -> Iterator[tuple[OutgoingEmail, Letter | Exception]]:
    """Write each letter in turn; one that cannot be written says why in its place, and stops no other."""
    for batch in _apart(rows):
        # all of them before the first leaves: a processor that goes back and forth between two works does both slowly
        yield from [(row, _written(row, envelope)) for row, envelope in zip(batch, envelopes_of(batch), strict=True)]


def _apart(rows: Iterable[OutgoingEmail]) -> Iterator[list[OutgoingEmail]]:
    """Nobody twice in a batch about the same dossier: what a letter says depends on those sent before (MAI-01)."""
    batch: dict[tuple[UUID | None, UUID], OutgoingEmail] = {}
    for row in rows:
        if (row.dossier_uuid, row.recipient_uuid) in batch:
            yield list(batch.values())
            batch = {}
        batch[row.dossier_uuid, row.recipient_uuid] = row
    yield list(batch.values())


def _written(row: OutgoingEmail, envelope: Envelope | Exception) -> Letter | Exception:
    try:
        if row.kind in OF_ACCOUNTS:
            return account_letter(*OF_ACCOUNTS[row.kind](row))
        wording = KINDS.get(row.kind)
        if wording is None:
            return UnknownKind(row.kind)
        return envelope if isinstance(envelope, Exception) else letter_of(envelope, wording(envelope))
    except Exception as why:  # the worker notes it on the row, whatever it is
        return why


def letter_of(envelope: Envelope, wording: Wording) -> Letter:
    return _letter(wording, _common(envelope), envelope.sender, envelope.address, envelope.school.email)


def account_letter(envelope: account.AccountEnvelope, wording: Wording) -> Letter:
    """About an account and no dossier: no child is named, no school answers."""
    return _letter(wording, envelope.common, envelope.sender, envelope.address)


def _letter(wording: Wording, common: dict[str, Any], sender: str, to: str, reply_to: str = "") -> Letter:
    source = tidy(render_to_string(f"emails/{wording.template}.txt", common | wording.values))
    subject = f"{PREFIX} {wording.subject}"
    page = {"subject": subject, "heading": wording.subject, "preview": preview_of(source)}
    return Letter(
        subject=subject,
        text=as_text(source),
        html=render_to_string("emails/letter.html", page | {"body": as_html(source, link=_home())}),
        sender=sender,
        to=to,
        reply_to=reply_to,
    )


def _home() -> str:
    """The front page: no link of a letter ever signs anybody in."""
    return f"{settings.PUBLIC_URL}/"


def _common(envelope: Envelope) -> dict[str, Any]:
    return {
        "reader": envelope.reader_name,
        "child": envelope.facts.student_name,
        "for_child": envelope.for_child,
        "division": envelope.division,
        "school": envelope.school,
        "phone": envelope.school.phone,
        "academy": str(envelope.school.academy),
        "home": _home(),
    }
