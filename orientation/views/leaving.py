"""Signing out: the recaps leave with the session (MAI-01)."""

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from families.models import Student
from families.oidc import leaving
from families.session_end import leave_nothing
from families.sessions import ensure_sid
from ledger.models import OutgoingEmail
from orientation import actions
from orientation.recaps import recap_words


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "orientation/sign_out.html", leaving.what_is_left(request))
    sid = ensure_sid(request.session)
    held = OutgoingEmail.objects.filter(held_for=sid, state="HELD", kind="recap_other")
    others = held.values("recipient_uuid").distinct().count()
    to_pupil = Student.objects.filter(user=request.user.pk).exists()
    released = actions.sign_out(sid=sid)
    departure = leaving.departure(request)
    logout(request)
    if released:
        messages.success(request, recap_words(others, to_pupil=to_pupil))
    return leave_nothing(redirect(leaving.next_page(request, departure)))
