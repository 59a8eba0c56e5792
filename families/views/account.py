"""« Mon compte »: the address letters go to, the children attached, the password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from families.activation import ActivationRefused, attach
from families.addresses import address_state, correct_address
from families.forms import AddressForm, AttachForm, ChangePasswordForm
from families.models import Representative, Student


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    people = list(request.user.representatives.select_related("school").order_by("school__name", "pk"))
    children = (
        Student.objects.visible_to(request.user).select_related("school", "division").order_by("first_name", "pk")
    )
    return render(
        request,
        "families/account.html",
        {
            "people": people,
            "address": address_state(people),
            "children": children,
            "is_pupil": Student.objects.filter(user=request.user).exists(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    people = list(request.user.representatives.order_by("pk"))
    if not people:
        return redirect("families:account")
    form = AddressForm(request.POST or None, initial={"email": address_state(people).email})
    if form.is_valid():
        correct_address(request.user, form.cleaned_data["email"])
        messages.success(request, "Votre adresse est enregistrée. Les prochains courriels y seront envoyés.")
        return redirect("families:account")
    return render(request, "families/address.html", {"form": form})


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


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None, user=request.user)
    if form.is_valid():
        request.user.set_password(form.cleaned_data["new_password2"])
        request.user.save(update_fields=["password"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "Votre mot de passe est changé.")
        return redirect("families:account")
    return render(request, "families/change_password.html", {"form": form})
