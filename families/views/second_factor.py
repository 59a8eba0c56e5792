"""The staff's second factor: the six digits of a phone, a recovery code, and setting up the phone.

None of these pages exists for a family, nor where the deployment asks the staff for a password only.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import segno
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as vouch
from django_otp.models import Device
from django_otp.plugins.otp_totp.models import TOTPDevice

from families import second_factor as factor
from families.dsfr import DsfrForm
from families.forms import PhoneCodeForm, RecoveryCodeForm
from families.models import User

DRAWN = "phone_drawn"  # session key: the phone that this browser, and no other, is shown the secret of
View = Callable[[HttpRequest], HttpResponse]


def of_staff(view: View) -> View:
    """404 for anyone else; what is typed is never in a report of error."""

    @wraps(view)
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.STAFF_SECOND_FACTOR and request.user.is_staff):
            raise Http404
        return view(request)

    return guarded


@of_staff
def second_factor(request: HttpRequest) -> HttpResponse:
    """After the password, the digits of the phone; who has no phone yet is led to set one up."""
    if factor.phone_of(request.user) is None:
        return redirect(here("families:phone", request))
    return asked(request, PhoneCodeForm, factor.verify, "families/second_factor.html")


@of_staff
def recovery_code(request: HttpRequest) -> HttpResponse:
    return asked(request, RecoveryCodeForm, factor.recover, "families/recovery_code.html")


def asked(
    request: HttpRequest, kind: type[DsfrForm], check: Callable[[User, str], Device], template: str
) -> HttpResponse:
    if not factor.is_owed(request.user):
        return redirect(destination(request))
    form = kind(request.POST or None)
    if form.is_valid() and (device := accepted(request, form, check)):
        vouched(request, device)
        return redirect(destination(request))
    return render(request, template, {"form": form, **links(request)})


def accepted(request: HttpRequest, form: DsfrForm, check: Callable[[User, str], Any]) -> Any:
    """What `check` returns; None when it refuses, which the form then says."""
    try:
        return check(request.user, form.cleaned_data["code"])
    except factor.FactorRefused as refused:
        form.add_error("code", refused.sentence)
        return None


def vouched(request: HttpRequest, device: Device) -> None:
    """A session that could do little becomes one that can do much: under another key."""
    vouch(request, device)
    request.session.cycle_key()


@of_staff
def phone(request: HttpRequest) -> HttpResponse:
    """Set up a phone: draw a secret (« Commencer »), show it, take its first digits, show the recovery codes."""
    if not factor.may_install(request.user):
        return redirect(here("families:second_factor", request))
    if "commencer" in request.POST:
        request.session[DRAWN] = factor.begin(request.user).pk
        return redirect(here("families:phone", request))
    waiting = factor.awaited(request.user, request.session.get(DRAWN))
    form = PhoneCodeForm(request.POST or None) if waiting else None
    if form and form.is_valid() and (done := accepted(request, form, partial(factor.install, drawn=waiting))):
        vouched(request, done[0])
        return render(request, "families/recovery_codes.html", {"codes": done[1], "next": destination(request)})
    drawn = secret_of(waiting) if waiting else {}
    return render(request, "families/phone.html", {"form": form, **drawn, **links(request)})


def secret_of(device: TOTPDevice) -> dict[str, str]:
    """The picture that the phone reads, and the same secret to be typed, four letters at a time."""
    secret = factor.secret(device)
    return {
        "picture": segno.make(device.config_url).svg_data_uri(scale=5, border=4, dark="#000", light="#fff"),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    }


def asked_for(request: HttpRequest) -> str:
    """The page of this site that was asked for, "" for another site's."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    own = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return wanted if own else ""


def destination(request: HttpRequest) -> str:
    return asked_for(request) or reverse("admin:index")


def here(name: str, request: HttpRequest) -> str:
    wanted = asked_for(request)
    return reverse(name, query={REDIRECT_FIELD_NAME: wanted} if wanted else None)


def links(request: HttpRequest) -> dict[str, str]:
    return {
        "next": asked_for(request),
        "by_phone": here("families:second_factor", request),
        "by_code": here("families:recovery_code", request),
    }
