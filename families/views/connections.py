"""« Mes connexions »: where this account is open and when it was used; and an identity provider no longer used."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from families import account_facts as facts
from families.identities import IdentityRefused, unlink
from families.passwords import as_holder
from families.reauthentication import account_minutes, proof_asked
from families.sessions import close, others


@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    user = request.user
    here, elsewhere = facts.sessions_of(user, request.session.session_key)
    with timezone.override(facts.zone_for(user, facts.children_of(user))):
        context = {"here": here, "elsewhere": elsewhere, "sign_ins": facts.sign_ins(user)}
        return render(request, "families/connections.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@proof_asked(account_minutes, reading=True)
def stop_using(request: HttpRequest, slug: str) -> HttpResponse:
    """« Ne plus utiliser FranceConnect »: what follows is said first. Never the last way in."""
    ways = facts.ways_in(request.user, [])
    party = next((one for one in ways.linked if one.slug == slug), None)
    if party is None:
        raise Http404
    if request.method != "POST":
        return render(request, "families/stop_using.html", {"party": party, "ways": ways})
    if _unlinked(request, slug):
        messages.success(request, f"{party.name} n’ouvre plus votre compte.")
    return redirect("families:account")


def _unlinked(request: HttpRequest, slug: str) -> bool:
    """The sessions it opened elsewhere end with it."""
    try:
        unlink(request.user, slug)
    except IdentityRefused as refused:
        messages.error(request, refused.sentence)
        return False
    elsewhere = others(request.user, but=request.session.session_key).filter(way=slug)
    close(elsewhere, user=request.user, by=as_holder(request.user))
    return True
