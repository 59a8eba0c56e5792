"""« Rattacher un enfant »: a code, then whose it is, and « oui » (ACC-07)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from families import arriving
from families.activation import ActivationRefused, attach_known, foreseen
from families.forms import AttachForm
from families.sessions import WAY
from families.views.arrivals import code_read, who_it_is


@require_http_methods(["GET", "HEAD", "POST"])
def attach_child(request: HttpRequest) -> HttpResponse:
    form = AttachForm(request.POST or None)
    if form.is_valid() and code_read(request, form, user=request.user) is not None:
        return redirect("families:attach_confirm")
    return render(request, "families/attach.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def attach_confirm(request: HttpRequest) -> HttpResponse:
    """The names that the code's paper bears; nothing is attached before « oui »."""
    typed = arriving.code(request)
    if not typed:
        return redirect("families:attach")
    try:
        person = foreseen(typed, user=request.user)
        if request.method == "POST":
            attach_known(request.user, typed, provider=request.session.get(WAY, ""))
            return attached(request)
    except ActivationRefused as refused:
        arriving.forget(request)
        messages.error(request, refused.sentence)
        return redirect("families:attach")
    return render(request, "families/attach_confirm.html", who_it_is(person))


def attached(request: HttpRequest) -> HttpResponse:
    arriving.forget(request)
    messages.success(request, "C’est fait. Vos enfants sont dans « Mes services ».")
    return redirect("families:account")
