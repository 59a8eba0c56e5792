"""The one address Siècle calls: a class council has just been opened, moved or reset (CAL-06)."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from orientation.actions.council import UnknownCouncil
from siecle_sync import contract, councils, wire


def refused(code: str, status: int) -> JsonResponse:
    return JsonResponse({"status": "refused", "code": code, "sentence": contract.SENTENCES[code]}, status=status)


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def council(request: HttpRequest) -> JsonResponse:
    """200 {"status": "confirmed"}, the first time and the next ones; 401, 400 or 404 with a code."""
    if not wire.bears(request, wire.callback_token()):
        return refused("BAD_TOKEN", 401)
    if request.headers.get(contract.H_VERSION) != contract.VERSION:
        return refused("WRONG_VERSION", 400)
    try:
        event = councils.Event.from_json(json.loads(request.body))
    except (KeyError, TypeError, ValueError):
        return refused("MALFORMED", 400)
    try:
        councils.apply(event)
    except UnknownCouncil:
        return refused("UNKNOWN_DIVISION", 404)
    return JsonResponse({"status": "confirmed"})
