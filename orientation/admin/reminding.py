"""« Relancer les familles choisies » : whom, and whom not, before anything is written (MAI-08)."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from families.admin_base import ScopedModelAdmin
from families.powers import staff_actor
from ledger import clock
from orientation.actions import remind_family, reminder_refusals
from orientation.models import Dossier
from orientation.reading import load_many
from orientation.rules import Refusal, RuleBroken

MOST = 200  # families at once: each is locked in turn
REASONS = {
    Refusal.NOTHING_TO_REMIND: "Rien à faire aujourd’hui dans ce dossier",
    Refusal.ALREADY_REMINDED: "Déjà relancée aujourd’hui par l’établissement",
    Refusal.NOBODY_TO_REMIND: "Aucune adresse utilisable\u00a0: à joindre autrement",
}


def remind(page: ScopedModelAdmin, request: HttpRequest, dossiers: QuerySet[Dossier]) -> HttpResponse | None:
    """Ask first; once confirmed, remind. None: back to the list, with a message."""
    rows = list(dossiers[: MOST + 1])
    if len(rows) > MOST:
        messages.error(request, f"Choisissez au plus {MOST} familles à la fois, par exemple une division.")
        return None
    if not request.POST.get("confirm"):
        return _confirmation(page, request, rows)
    done = _remind_all(rows, request)
    letters, families = sum(done), len(done)
    left = f" {len(rows) - families} dossier(s) sans relance." if families < len(rows) else ""
    said = f"{families} famille(s) relancée(s), {letters} courriel(s).{left}"
    messages.success(request, said) if families else messages.warning(request, said)
    return None


def _remind_all(rows: Iterable[Dossier], request: HttpRequest) -> list[int]:
    """How many letters, family by family; what the rules refuse by now is left out."""
    by, done = staff_actor(request.user), []
    for row in rows:
        try:
            done.append(remind_family(dossier=row.uuid, by=by))
        except RuleBroken:
            continue
    return done


def _confirmation(page: ScopedModelAdmin, request: HttpRequest, rows: list[Dossier]) -> HttpResponse:
    now = clock.now()
    refusals = reminder_refusals(load_many([one.uuid for one in rows]).values(), now)
    count = Counter(refusals.values())
    left_out: list[dict[str, Any]] = [
        {"reason": words, "pupils": [one.student for one in rows if refusals.get(one.uuid) == code]}
        for code, words in REASONS.items()
        if count[code]
    ]
    context = {
        **page.admin_site.each_context(request), "title": "Relancer les familles choisies", "opts": page.opts,
        "dossiers": rows, "reminded": [one.student for one in rows if refusals.get(one.uuid, "") is None],
        "left_out": left_out, "checkbox": ACTION_CHECKBOX_NAME,
    }  # fmt: skip
    return TemplateResponse(request, "admin/orientation/dossier/remind.html", context)
