"""« Mon compte »: the address letters go to, the children attached, the password."""

from functools import partial

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from families import account_facts as facts
from families import addresses, own_password
from families.addresses import Address, address_state
from families.forms import AddressCodeForm, AddressForm, ChangePasswordForm, FirstPasswordForm, NewPasswordsForm
from families.reauthentication import account_minutes, ask_for_proof, is_fresh, is_own_password, proof_asked
from families.second_factor import installed
from families.sessions import others
from families.typed_codes import CodeRefused
from families.typing import better_spelt

CHANGED = "Votre mot de passe est changé. Ailleurs, il faudra vous connecter de nouveau."
FIRST_CHOSEN = "Votre mot de passe est créé. Retenez-le bien, avec votre identifiant."


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    user = request.user
    children = facts.children_of(user)
    people = list(user.representatives.order_by("school__name", "pk"))
    with timezone.override(facts.zone_for(user, children)):
        return render(
            request,
            "families/account.html",
            {
                "address": address_state(people) if people else addresses.own_address(user),
                "waiting": addresses.waiting(user),
                "children": children,
                "is_pupil": any(child.student.user_id == user.pk for child in children),
                "ways": facts.ways_in(user, children),
                "elsewhere": others(user, but=request.session.session_key).count(),
                "phone": installed(user) if settings.STAFF_SECOND_FACTOR and user.is_staff else None,
            },
        )


@proof_asked(account_minutes, reading=True)
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest) -> HttpResponse:
    """Type an address; a slip in a well-known domain is asked about, and what was typed may be kept."""
    own = addresses.own_address(request.user)
    if own is None:
        return redirect("families:account")
    form = AddressForm(request.POST or None, initial={"email": own.email})
    better = ""
    if form.is_valid():
        email = form.cleaned_data["email"]
        better = "" if request.POST.get("kept") == email else better_spelt(email)
        if not better and (name := settled(request, form, own)):
            return redirect(name)
    waiting = addresses.waiting(request.user)
    return render(
        request, "families/address.html", {"form": form, "address": own, "better": better, "waiting": waiting}
    )


def settled(request: HttpRequest, form: AddressForm, own: Address) -> str:
    """Send a code to the address typed; return the name of the page to go on to, "" when refused."""
    email = form.cleaned_data["email"]
    if own.state == "CONFIRMED" and email == own.email:
        messages.info(request, "C’est déjà votre adresse : il n’y a rien à changer.")
        return "families:account"
    try:
        addresses.ask(request.user, email)
    except CodeRefused as refused:
        form.add_error("email", refused.sentence)
        return ""
    return "families:address_code"


@require_http_methods(["GET", "HEAD", "POST"])
def address_code(request: HttpRequest) -> HttpResponse:
    """The code sent to the new address is typed; five tries."""
    form = AddressCodeForm(request.POST or None)
    if form.is_valid() and confirmed(request, form):
        messages.success(request, "Votre adresse est confirmée. Nos prochains courriels y seront envoyés.")
        return redirect("families:account")
    own, waiting = addresses.own_address(request.user), addresses.waiting(request.user)
    if own is None or (waiting is None and not form.errors):
        return redirect("families:address")
    return render(request, "families/address_code.html", {"form": form, "waiting": waiting, "address": own})


def confirmed(request: HttpRequest, form: AddressCodeForm) -> bool:
    try:
        addresses.confirm(request.user, form.cleaned_data["code"])
    except CodeRefused as refused:
        form.add_error("code", refused.sentence)
        return False
    return True


def password_form(request: HttpRequest, *, first: bool) -> NewPasswordsForm:
    if first:
        return FirstPasswordForm(request.POST or None, user=request.user)
    is_own = partial(is_own_password, request)
    return ChangePasswordForm(request.POST or None, user=request.user, is_own=is_own)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """Another password; or, for who comes by an identity provider alone, an identifier and a first one."""
    first = not request.user.has_usable_password()
    if first and not is_fresh(request, account_minutes()):
        return ask_for_proof(request)
    form = password_form(request, first=first)
    if form.is_valid():
        chosen = form.cleaned_data
        own_password.change(
            request.user,
            chosen["new_password2"],
            here=request.session.session_key,
            username=chosen.get("username", ""),
        )
        request.user.refresh_from_db()
        update_session_auth_hash(request, request.user)
        messages.success(request, FIRST_CHOSEN if first else CHANGED)
        return redirect("families:account")
    return render(request, "families/change_password.html", {"form": form, "first": first})
