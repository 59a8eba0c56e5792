"""Sessions: stay signed in, prove again who one is, close those that are open elsewhere."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from families.oidc import leaving
from families.passwords import as_holder
from families.reauthentication import ProofForm, is_own_password, own_parties, proved
from families.session_end import leave_nothing, session_end
from families.sessions import LAST_ACTIVITY, close, open_sessions, others
from families.views.second_factor import asked_for

ONE_CLOSED = "La session est fermée. Cet appareil devra se connecter de nouveau."
OTHERS_CLOSED = "Vos autres sessions sont fermées. Vous restez connecté ici."
NONE_CLOSED = "Cette session était déjà fermée."
NOT_YOURS = "Ce n’est pas votre mot de passe. Vérifiez les majuscules, puis essayez encore."
NO_OTHER = "Vous n’avez pas d’autre session ouverte."


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """« Rester connecté »: the half hour starts again. Answer: the seconds left, and whether more can be had."""
    request.session[LAST_ACTIVITY] = timezone.now().isoformat()
    end = session_end(request)
    return JsonResponse({"seconds": end.seconds, "final": end.final} if end else {})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reauthenticate(request: HttpRequest) -> HttpResponse:
    """« Confirmez que c’est vous »: the password, or a provider that knows this account (prompt=login)."""
    form = ProofForm(request.POST or None) if request.user.has_usable_password() else None
    if form and form.is_valid():
        if is_own_password(request, form.cleaned_data["password"]):
            proved(request)
            return redirect(asked_for(request) or "orientation:portal")
        form.add_error("password", ValidationError(NOT_YOURS, code="not_yours"))
    context = {"form": form, "parties": own_parties(request), "next": asked_for(request)}
    return render(request, "families/reauthenticate.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def close_sessions(request: HttpRequest) -> HttpResponse:
    """Close the session `sid`, or every other one. A page read after signing in again only leads to the list."""
    if request.method == "POST":
        one = "sid" in request.POST
        if _close(request, request.POST.get("sid")):
            messages.success(request, ONE_CLOSED if one else OTHERS_CLOSED)
        else:
            messages.info(request, NONE_CLOSED if one else NO_OTHER)
    return redirect("families:connections")


def _close(request: HttpRequest, sid: str | None) -> int:
    mine = others(request.user, but=request.session.session_key)
    if sid is not None:
        mine = mine.filter(sid=_uuid(sid))
    return close(mine, user=request.user, by=as_holder(request.user))


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
def close_everywhere(request: HttpRequest) -> HttpResponse:
    """Sign out here and everywhere. The recaps leave within a minute, as for any session that ends (MAI-01)."""
    if request.method != "POST":
        return redirect("families:connections")
    close(open_sessions(request.user), user=request.user, by=as_holder(request.user))
    departure = leaving.departure(request)
    logout(request)
    return leave_nothing(redirect(leaving.next_page(request, departure)))
