"""The HTTP API of the simulated Siècle Orientation. `docs/echange-siecle.openapi.yaml` describes it."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from io import BytesIO
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
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
WHERE academy = %(academy)s AND year = %(year)s AND level = %(level)s AND seq > %(after)s
  AND uai COLLATE "C" >= %(first)s AND (%(before)s = '' OR uai COLLATE "C" < %(before)s)
ORDER BY seq LIMIT %(limit)s
"""
NUMBER = re.compile("[0-9]{1,15}", re.ASCII)
ACADEMY = re.compile("[0-9A-Za-z]{1,2}", re.ASCII)
UAI = re.compile("[0-9A-Za-z]{0,8}", re.ASCII)
DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)
LEVEL = re.compile("|".join(contract.LEVELS))


def refusal(code: str, status: int) -> JsonResponse:
    return JsonResponse({"code": code, "sentence": contract.SENTENCES[code]}, status=status)


class Unreadable(ValueError):
    """A value of the request is not what the contract says."""


def read(said: Mapping[str, str], name: str, form: re.Pattern[str], default: str = "") -> str:
    value = said.get(name, default)
    if not form.fullmatch(value):
        raise Unreadable(name)
    return value


def number(said: Mapping[str, str], name: str, default: str = "") -> int:
    return int(read(said, name, NUMBER, default))


def door(view: View) -> View:
    """Bearer token, version of the contract, no session, no cross-site token: a program speaks here."""

    @csrf_exempt
    @login_not_required
    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = answer(view, request, *args, **kwargs)
        response.headers[contract.H_VERSION] = contract.VERSION
        return response

    return guarded


def answer(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if not wire.bears(request, wire.siecle_token()):
        return refusal("BAD_TOKEN", 401)
    if request.headers.get(contract.H_VERSION) != contract.VERSION:
        return refusal("WRONG_VERSION", 400)
    try:
        return view(request, *args, **kwargs)
    except Unreadable:
        return refusal("UNREADABLE", 400)


@door
@require_http_methods(["PUT"])
def deposit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """202 and a receipt; 409 when this id already stands for another content; 400 when the content is not sound."""
    said = request.headers
    announced = {
        "digest": read(said, contract.H_DIGEST, DIGEST),
        "lines": number(said, contract.H_LINES),
        "academy": read(said, contract.H_ACADEMY, ACADEMY),
        "year": year(said, contract.H_YEAR),
        "level": read(said, contract.H_LEVEL, LEVEL),
    }
    try:
        taken = deposits.receive(uuid=uuid, stream=request, at=clock.now(), version=contract.VERSION, **announced)
    except UnreadablePostError:
        return refusal("UNREADABLE", 400)  # the sender has gone
    except deposits.Refused as refused:
        return refusal(refused.code, 409 if refused.code == "OTHER_DIGEST" else 400)
    return HttpResponse(deposits.receipt(taken), status=202, content_type="application/json")


def year(said: Mapping[str, str], name: str) -> int:
    value = number(said, name)
    if not 2000 <= value < 2100:
        raise Unreadable(name)
    return value


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
    if not MockDeposit.objects.filter(pk=uuid, state=DepositState.DONE).exists():
        return refusal("UNKNOWN_DEPOSIT", 404)
    return page(request, REPORT, {"deposit": uuid, "sentences": json.dumps(contract.SENTENCES)})


@door
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What the schools whose UAI is in [de, avant) did in Siècle after this line, in order."""
    asked = request.GET
    scope = {
        "academy": read(asked, "academie", ACADEMY),
        "year": year(asked, "annee"),
        "level": read(asked, "niveau", LEVEL),
        "first": read(asked, "de", UAI),
        "before": read(asked, "avant", UAI),
    }
    return page(request, FEED.format(columns=contract.COLUMN_LIST), scope)


def page(request: HttpRequest, query: str, values: dict[str, Any]) -> HttpResponse:
    """One page of lines as CSV; its headers say how many there are, their digest and whether another page follows."""
    after = number(request.GET, "apres", "0")
    body = BytesIO()
    with cursor() as one:
        bound = one.mogrify(query, {**values, "after": after, "limit": contract.PAGE}).decode()
        one.copy_expert(f"COPY ({bound}) TO STDOUT WITH (FORMAT csv, HEADER, FORCE_QUOTE *)", body)
        lines = one.rowcount
    content = body.getvalue()
    headers = {
        contract.H_LINES: str(lines),
        contract.H_DIGEST: hashlib.sha256(content).hexdigest(),
        contract.H_MORE: "1" if lines == contract.PAGE else "0",
    }
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)
