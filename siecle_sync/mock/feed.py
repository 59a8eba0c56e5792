"""What Siècle tells the service: lines in order, and the councils at once."""

import json
from datetime import datetime
from io import BytesIO
from typing import Any

from django.conf import settings

from ledger import clock
from siecle_sync import contract, wire
from siecle_sync.mock.models import MockDivision, MockOutbound, MockPupil

ATTEMPTS = 1000


def tell_pupil(kind: str, pupil: MockPupil, *, phase: str, at: datetime, **said: Any) -> MockOutbound:
    """Add a line about a pupil; call it inside `store.exclusive()`."""
    return MockOutbound.objects.create(
        kind=kind, academy=pupil.academy, uai=pupil.uai, year=pupil.year, level=pupil.level, phase=phase, at=at,
        division=pupil.division.code if pupil.division else "", eleve_id=pupil.eleve_id, ine=pupil.ine, **said,
    )  # fmt: skip


def tell_council(event: str, division: MockDivision, *, phase: str, at: datetime, held_on: Any) -> MockOutbound:
    """Add a line about a council; call it inside `store.exclusive()`."""
    return MockOutbound.objects.create(
        kind=contract.COUNCIL, academy=division.academy, uai=division.uai, year=division.year, level=division.level,
        phase=phase, division=division.code, at=at,
        payload={"event": event, "held_on": held_on.isoformat() if held_on else None},
    )  # fmt: skip


def unconfirmed() -> Any:
    """The council lines that the service has not confirmed, oldest first."""
    return MockOutbound.objects.filter(
        kind=contract.COUNCIL, confirmed_at__isnull=True, attempts__lt=ATTEMPTS
    ).order_by("seq")


def confirm_councils(*, uai: str = "") -> int:
    """Tell the service at once what it has not confirmed, in order; return how many it confirmed.

    A school's events never overtake one another: after a refusal its later ones wait for the next call.
    """
    lines = unconfirmed().filter(uai=uai) if uai else unconfirmed()
    stuck: set[str] = set()
    confirmed = 0
    for line in list(lines):
        if line.uai in stuck:
            continue
        if confirm(line):
            confirmed += 1
        else:
            stuck.add(line.uai)
    return confirmed


def confirm(line: MockOutbound) -> bool:
    """Call the service about one council line, and keep what it said."""
    error = call(line)
    line.attempts += 1
    line.last_error = error[:200]
    line.confirmed_at = None if error else clock.now()
    line.save(update_fields=["attempts", "last_error", "confirmed_at"])
    return not error


def call(line: MockOutbound) -> str:
    """Return an empty text when the service confirmed, otherwise why not."""
    body = json.dumps(
        {
            "ref": line.ref, "uai": line.uai, "year": line.year, "level": line.level, "division": line.division,
            "phase": line.phase, "at": line.at.isoformat(), **line.payload,
        }
    ).encode()  # fmt: skip
    # the simulator lives in the service's own process, or on the other side of the network: so does its way back
    base_url = settings.PUBLIC_URL if settings.SIECLE_BASE_URL else ""
    service = wire.Wire(base_url=base_url, token=wire.callback_token())
    try:
        headers = {contract.H_VERSION: contract.VERSION}
        reply = service.request("POST", contract.CALLBACK, body=BytesIO(body), length=len(body), headers=headers)
    except wire.Unreachable as error:
        return str(error) or "UNREACHABLE"
    with reply.body as said:
        return "" if reply.status == 200 else f"{reply.status} {said.read(150).decode(errors='replace')}"
