"""The HTTP API of the simulated Siècle Orientation. `docs/echange-siecle.openapi.yaml` describes it."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from ledger import clock
from siecle_sync import contract, wire
from siecle_sync.mock import deposits
from siecle_sync.mock.models import DepositState, MockDeposit
from siecle_sync.mock.store import cursor

View = Callable[..., HttpResponse]
REPORT = """
SELECT seq, kind, ref, outcome, code, COALESCE(%(sentences)s::jsonb->>code, '') AS sentence
FROM siecle_mock_mockline
WHERE deposit_id = %(deposit)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
"""
FEED = """
SELECT {columns} FROM siecle_mock_mockoutbound
WHERE academy = %(academy)s AND year = %(year)s AND level = %(level)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
"""


def refusal(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": contract.SENTENCES[code]}, status=status)


def door(view: View) -> View:
    """Bearer token, no session, no cross-site token: a program speaks here."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not wire.bears(request, wire.siecle_token()):
            return refusal("BAD_TOKEN", 401)
        return view(request, *args, **kwargs)

    return guarded


@door
@require_http_methods(["PUT"])
def deposit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """202 and a receipt; 409 when this id already stands for another content; 400 when the content is not sound."""
    headers = request.headers
    if headers.get(contract.H_VERSION) != contract.VERSION:
        return refusal("WRONG_VERSION", 400)
    try:
        taken = deposits.receive(
            uuid=uuid,
            stream=request,
            digest=headers[contract.H_DIGEST],
            lines=int(headers[contract.H_LINES]),
            at=clock.now(),
            academy=headers[contract.H_ACADEMY],
            year=int(headers[contract.H_YEAR]),
            level=headers[contract.H_LEVEL],
            version=contract.VERSION,
        )
    except (KeyError, ValueError):
        return refusal("UNREADABLE", 400)
    except deposits.Refused as refused:
        return refusal(refused.code, 409 if refused.code == "OTHER_DIGEST" else 400)
    return HttpResponse(deposits.receipt(taken), status=202, content_type="application/json")


@door
@require_safe
def report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The counters, once the deposit is processed; 202 before."""
    known = MockDeposit.objects.filter(pk=uuid).first()
    if known is None:
        return refusal("UNKNOWN_DEPOSIT", 404)
    if known.state != DepositState.DONE:
        return HttpResponse(deposits.receipt(known), status=202, content_type="application/json")
    return JsonResponse(known.counters)


@door
@require_safe
def report_lines(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return page(request, REPORT, {"deposit": uuid, "sentences": json.dumps(contract.SENTENCES)})


@door
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What the schools did in Siècle after this line, in order."""
    asked = request.GET
    if not asked.get("annee", "").isdigit():
        return refusal("UNREADABLE", 400)
    scope = {"academy": asked.get("academie"), "year": int(asked["annee"]), "level": asked.get("niveau")}
    return page(request, FEED.format(columns=contract.COLUMN_LIST), scope)


def page(request: HttpRequest, query: str, values: dict[str, Any]) -> HttpResponse:
    """One page of lines as CSV; its headers say how many there are, their digest and whether another page follows."""
    after = request.GET.get("apres", "0")
    if not after.isdigit():
        return refusal("UNREADABLE", 400)
    body = BytesIO()
    with cursor() as one:
        bound = one.mogrify(query, {**values, "after": int(after), "limit": contract.PAGE}).decode()
        one.copy_expert(f"COPY ({bound}) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)", body)
        lines = one.rowcount
    content = body.getvalue()
    headers = {
        contract.H_LINES: str(lines),
        contract.H_DIGEST: hashlib.sha256(content).hexdigest(),
        contract.H_MORE: "1" if lines == contract.PAGE else "0",
    }
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
