"""Who comes for the first time: « Rattacher un enfant »."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from families.activation import ActivationRefused, attach
from families.forms import AttachForm
from families.models import Representative, Student


@require_http_methods(["GET", "HEAD", "POST"])
def attach_child(request: HttpRequest) -> HttpResponse:
    form = AttachForm(request.POST or None)
    if form.is_valid() and attached(request, form):
        messages.success(request, "C’est fait. Vos enfants sont dans « Mes services ».")
        return redirect("families:account")
    return render(request, "families/attach.html", {"form": form})


def attached(request: HttpRequest, form: AttachForm) -> Representative | Student | None:
    try:
        return attach(request.user, form.cleaned_data["code"])
    except ActivationRefused as refused:
        form.add_error("code", refused.sentence)
        return None
