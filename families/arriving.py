"""What waits in the browser's session between two pages: an identity that is nobody's yet, a code being confirmed.

Real time: a computer that several people share must forget it soon.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from families.oidc.claims import Claims, Who

ARRIVAL, CODE = "arrival", "code_typed"  # session keys
KEPT = timedelta(minutes=30)


def keep_arrival(request: HttpRequest, claims: Claims, *, next: str) -> None:
    """Checked claims whose identity is linked to no account yet, and the page asked for."""
    _keep(request, ARRIVAL, claims=asdict(claims), next=next)
    request.session.pop(CODE, None)


def arrival(request: HttpRequest) -> tuple[Claims, str] | None:
    kept = _kept(request, ARRIVAL)
    if kept is None:
        return None
    said = kept["claims"]
    return Claims(**{**said, "who": Who(said["who"])}), kept["next"]


def keep_code(request: HttpRequest, digest: str) -> None:
    """The digest of a code that was typed; the person now reads whose it is, and confirms."""
    _keep(request, CODE, digest=digest)


def code(request: HttpRequest) -> str:
    """The digest kept, "" when none is."""
    kept = _kept(request, CODE)
    return str(kept["digest"]) if kept else ""


def forget(request: HttpRequest) -> None:
    request.session.pop(ARRIVAL, None)
    request.session.pop(CODE, None)


def _keep(request: HttpRequest, key: str, **values: Any) -> None:
    request.session[key] = {"at": timezone.now().isoformat(), **values}


def _kept(request: HttpRequest, key: str) -> dict[str, Any] | None:
    kept: dict[str, Any] | None = request.session.get(key)
    return kept if kept and timezone.now() - datetime.fromisoformat(kept["at"]) < KEPT else None
