"""The staff's site: French, in the school's time, with « Aide » at the top right of every page (DOC-02)."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from families.models import User
from families.powers import Power, academies_with, has_power, schools_with, zone_of
from families.second_factor import is_owed

FEW = 10


class StaffSite(admin.AdminSite):
    site_header = "Orientation – établissements et académies"
    site_title = "Orientation – établissements et académies"
    index_title = "Accueil"
    site_url = None
    enable_nav_sidebar = False  # the follow-up lists need the whole width

    def has_permission(self, request: HttpRequest) -> bool:
        """The one gate of every page of the staff: a password alone opens none of them (families.second_factor)."""
        return super().has_permission(request) and not is_owed(request.user)

    @method_decorator(never_cache)
    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """No second door: the service's sign-in page serves everybody, with its providers and its limits.

        Who has proved who they are already is asked for the digits of their phone, and for nothing else; a family
        is told that these pages are not theirs (PermissionDenied).
        """
        if is_owed(request.user):
            return redirect(reverse("families:second_factor", query=kept_next(request)))
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        wanted = kept_next(request) or {REDIRECT_FIELD_NAME: reverse("admin:index")}
        return redirect(reverse("families:sign_in", query=wanted))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """One page for everybody: it ends the other sessions, and tells the account's owner."""
        return redirect("families:change_password")

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        governs = request.user.is_authenticated and has_power(request.user, Power.GOVERN)
        return {**super().each_context(request), "governs": governs}

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Begin with the pages of the day: the tasks of each school, when there are few."""
        return super().index(request, {**pages_of_the_day(request.user), **(extra_context or {})})

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        """Render inside the reader's time zone, which Django would leave before rendering (CAL-02)."""
        inner = super().admin_view(view, cacheable)

        def local(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if "%00" in request.get_full_path():
                raise BadRequest("PostgreSQL has no text with this character")
            with timezone.override(zone_of(request.user)):
                return rendered(inner(request, *args, **kwargs))

        return update_wrapper(local, inner)


def pages_of_the_day(user: User) -> dict[str, Any]:
    """What the home page leads this person to; where they may work is said school by school."""
    schools = list(schools_with(user, Power.READ).order_by("name")[: FEW + 1])
    many = len(schools) > FEW
    mine = [] if many else schools
    return {
        "my_schools": mine,
        "many_schools": many,
        "my_academies": academies_with(user, Power.GOVERN).order_by("name"),
        "works_in": set(
            schools_with(user, Power.WORK).filter(pk__in=[one.pk for one in mine]).values_list("pk", flat=True)
        ),
        "oversees": has_power(user, Power.OVERSEE),
        "sees_as": has_power(user, Power.SEE_AS),
    }


def kept_next(request: HttpRequest) -> dict[str, str]:
    """The page asked for, as a part of an address."""
    asked = request.GET.get(REDIRECT_FIELD_NAME, "")
    return {REDIRECT_FIELD_NAME: asked} if asked else {}


def rendered(response: HttpResponse) -> HttpResponse:
    """Render now what Django would render later, outside the time zone in force."""
    render = getattr(response, "render", None)
    return render() if callable(render) else response
