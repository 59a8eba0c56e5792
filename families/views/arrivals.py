"""Who comes back from an identity provider: known here, coming for the first time, or linking it to their account."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from families import arriving
from families.activation import ActivationRefused, digest, foreseen
from families.attachments import Person, children_of
from families.dsfr import DsfrForm
from families.forms import CODE_HELP, code_field
from families.guesses import counted
from families.identities import IdentityRefused, link, open_with_code, owner_of, pupil_account, suits
from families.models import User
from families.names import folded
from families.oidc.claims import Claims, Who
from families.oidc.parties import KINDS
from families.reauthentication import account_minutes, proof_asked
from families.second_factor import is_owed
from families.signing_in import begin

UNKNOWN = {Who.STAFF: "STAFF_NOT_LINKED", Who.PUPIL: "PUPIL_NOT_FOUND"}
CLOSED, KIND, TAKEN = "ACCOUNT_CLOSED", "IDENTITY_KIND", "IDENTITY_TAKEN"


class ArrivalForm(DsfrForm):
    code = code_field("Code d’activation", help_text=CODE_HELP)


def arrive(request: HttpRequest, claims: Claims, *, next: str) -> HttpResponse:
    """Sign in who was checked in everything, or lead them to what is missing. `next`: a page of this site, or ""."""
    if request.user.is_authenticated:
        return _once_more(request, request.user, claims, next)
    try:
        user = _account_of(claims)
    except IdentityRefused as refused:
        return _refused(request, claims, refused.code)
    if user is not None:
        return _entered(request, user, claims, next)
    arriving.keep_arrival(request, claims, next=next)
    if claims.who is Who.REPRESENTATIVE:
        return redirect("families:arrival")
    return _refused(request, claims, UNKNOWN[claims.who])


def _account_of(claims: Claims) -> User | None:
    """A pupil's school is looked at each time: they may have changed it since."""
    pupil = pupil_account(claims) if claims.who is Who.PUPIL else None
    return pupil or owner_of(claims)


def _once_more(request: HttpRequest, user: User, claims: Claims, next: str) -> HttpResponse:
    """Signed in already: the same person again, or another identity of theirs, which they then link (an act)."""
    owner = owner_of(claims)
    if owner is None:
        arriving.keep_arrival(request, claims, next=next)
        return redirect("families:link_identity")
    return _entered(request, user, claims, next) if owner == user else _refused(request, claims, TAKEN)


def _entered(request: HttpRequest, user: User, claims: Claims, next: str) -> HttpResponse:
    if not user.is_active:
        return _refused(request, claims, CLOSED)
    if not suits(user, claims):
        return _refused(request, claims, KIND)
    arriving.forget(request)
    begin(request, user, way=claims.provider, id_token=claims.id_token)
    return redirect(_ours(request, next) or _home_of(user))


def _ours(request: HttpRequest, next: str) -> str:
    here = url_has_allowed_host_and_scheme(next, {request.get_host()}, require_https=request.is_secure())
    return next if next and here else ""


def _home_of(user: User) -> str:
    """Staff without a child of theirs here land on their own screens."""
    works_here = user.is_staff and not user.representatives.exists()
    return reverse("admin:index") if works_here else settings.LOGIN_REDIRECT_URL


def _refused(request: HttpRequest, claims: Claims, code: str) -> HttpResponse:
    linking = reverse("families:sign_in", query={REDIRECT_FIELD_NAME: reverse("families:link_identity")})
    context = {"code": code, "claims": claims, "party": KINDS[claims.provider], "linking": linking}
    return render(request, "families/arrival_refused.html", context, status=HTTPStatus.FORBIDDEN)


# --- a representative, the first time ---------------------------------------------------------------------------------
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def arrival(request: HttpRequest) -> HttpResponse:
    """Step 1: the code that the school handed out. Neither a name nor an address would do (ACC-01)."""
    claims = _arriving(request)
    if claims is None:
        return _led_away(request)
    form = ArrivalForm(request.POST or None)
    if form.is_valid() and code_read(request, form, user=None) is not None:
        return redirect("families:arrival_confirm")
    linking = reverse("families:sign_in", query={REDIRECT_FIELD_NAME: reverse("families:link_identity")})
    context = {"form": form, "claims": claims, "party": KINDS[claims.provider], "linking": linking}
    return render(request, "families/arrival.html", context)


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def arrival_confirm(request: HttpRequest) -> HttpResponse:
    """Step 2: whose code it is, as its paper says, and which children; the account is opened by « oui »."""
    claims, typed = _arriving(request), arriving.code(request)
    if claims is None or not typed:
        return _led_away(request)
    try:
        person = foreseen(typed)
        if request.method == "POST":
            return _opened(request, claims, typed)
    except (ActivationRefused, IdentityRefused) as refused:
        messages.error(request, refused.sentence)
        return redirect("families:arrival")
    context = {"claims": claims, "party": KINDS[claims.provider], **who_it_is(person)}
    context["other_name"] = folded(claims.family_name) not in {folded(person.family_name), folded(person.usage_name)}
    return render(request, "families/arrival_confirm.html", context)


def _opened(request: HttpRequest, claims: Claims, typed: str) -> HttpResponse:
    kept = arriving.arrival(request)
    user = open_with_code(claims, typed)
    messages.success(
        request, f"C’est fait. La prochaine fois, entrez de la même façon, avec {KINDS[claims.provider].name}."
    )
    return _entered(request, user, claims, kept[1] if kept else "")


def _arriving(request: HttpRequest) -> Claims | None:
    """The representative who waits here; nobody who is signed in already."""
    kept = None if request.user.is_authenticated else arriving.arrival(request)
    return kept[0] if kept and kept[0].who is Who.REPRESENTATIVE else None


def _led_away(request: HttpRequest) -> HttpResponse:
    return redirect("families:link_identity" if request.user.is_authenticated else "families:sign_in")


def code_read(request: HttpRequest, form: DsfrForm, *, user: User | None) -> Person | None:
    """Whose code was typed, kept for the next page; None, with the reason on the form, when it is refused."""
    typed = digest(form.cleaned_data["code"])
    try:
        with counted(request):
            person = foreseen(typed, user=user)
    except ActivationRefused as refused:
        form.add_error("code", ValidationError(refused.sentence, code=refused.code))
        return None
    arriving.keep_code(request, typed)
    return person


def who_it_is(person: Person) -> dict[str, object]:
    """What the paper says already, and nothing of the other parent."""
    children = children_of(person).select_related("division")
    return {"person": person, "children": children, "school": person.school}


# --- an identity linked by its owner, signed in -----------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@proof_asked(account_minutes, reading=True)
def link_identity(request: HttpRequest) -> HttpResponse:
    """The person reads under which name the provider knows them, then says that it is theirs: a way in for good."""
    kept = arriving.arrival(request)
    if kept is None:
        return redirect("families:account")
    if is_owed(request.user):
        here = reverse("families:link_identity")
        return redirect(reverse("families:second_factor", query={REDIRECT_FIELD_NAME: here}))
    claims, next = kept
    if request.method == "POST":
        return _linked(request, claims, next)
    return render(request, "families/link_identity.html", {"claims": claims, "party": KINDS[claims.provider]})


def _linked(request: HttpRequest, claims: Claims, next: str) -> HttpResponse:
    arriving.forget(request)
    try:
        link(request.user, claims)
    except IdentityRefused as refused:
        return _refused(request, claims, refused.code)
    messages.success(request, f"{KINDS[claims.provider].name} est relié à votre compte.")
    return redirect(_ours(request, next) or "families:account")
