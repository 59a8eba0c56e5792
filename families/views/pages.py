"""Pages anyone may read: home, help, accessibility, personal data, legal notice."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "families/home.html")


@login_not_required
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "families/help.html")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "families/accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "families/privacy.html", publisher())


@login_not_required
@require_safe
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "families/legal.html", publisher())


def publisher() -> dict[str, str]:
    return {"publisher": settings.PUBLISHER, "hosting": settings.HOSTING}
