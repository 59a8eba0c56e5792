"""Pages anyone may read: home, help, accessibility, personal data, legal notice."""

from math import ceil

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from families.models import StaffRole, User
from families.oidc.parties import parties
from families.powers import memberships_of

GUIDES = {
    "secretariat": "Guide du secrétariat",
    "chef": "Guide du chef d’établissement",
    "academie": "Guide de l’académie (SAIO)",
    "famille": "Guide des familles",
}
GUIDE_OF = {  # the widest role first
    StaffRole.ACADEMY: "academie",
    StaffRole.NATIONAL: "academie",
    StaffRole.HEAD: "chef",
    StaffRole.SECRETARY: "secretariat",
    StaffRole.READER: "secretariat",
    StaffRole.SUPPORT: "famille",
}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "families/home.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Families read their guide; staff read the one of their role first, and find the others from there."""
    if request.user.is_staff:
        return guide_page(request, first_guide(request.user))
    return render(request, "aide/famille.html")


@login_not_required
@require_safe
def sign_in_help(request: HttpRequest) -> HttpResponse:
    """« Je n’arrive pas à me connecter », by each way in that is offered here (ACC-01)."""
    return render(request, "aide/connexion.html", {"parties": parties()})


@require_safe
def guide(request: HttpRequest, guide: str) -> HttpResponse:
    """The guides of the staff: 404 for families, who have their own."""
    if guide not in GUIDES or not request.user.is_staff:
        raise Http404
    return guide_page(request, guide)


def guide_page(request: HttpRequest, name: str) -> HttpResponse:
    others = {one: title for one, title in GUIDES.items() if one != name}
    return render(request, f"aide/{name}.html", {"guide": name, "others": others})


def first_guide(user: User) -> str:
    """The guide of one's role: the widest of them, for who has several."""
    roles = {one.role for one in memberships_of(user)}
    return next((guide for role, guide in GUIDE_OF.items() if role in roles), "secretariat")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "families/accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "families/privacy.html", {**publisher(), "hours": longest_session()})


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "families/legal.html", publisher())


def longest_session() -> int:
    """Hours, for whoever stays signed in the longest."""
    return ceil(max(settings.SESSION_HOURS_FAMILIES, settings.SESSION_HOURS_STAFF))


def publisher() -> dict[str, str]:
    return {"publisher": settings.PUBLISHER, "hosting": settings.HOSTING}
