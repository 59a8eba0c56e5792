"""Signing in, opening an account, and finding one's way back when the password is lost."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from families import passwords
from families.activation import ActivationRefused, redeem
from families.forms import ActivationForm, LostPasswordForm, NewPasswordsForm, RenewalForm, ResetCodeForm, SignInForm
from families.guesses import counted
from families.models import User
from families.oidc.parties import parties
from families.renewal import renew
from families.sign_in_throttle import from_where
from families.signing_in import begin

RESET = "password_reset"  # session key: the request's id, whoever it is for
REFUSED_FIELD = {"USERNAME_TAKEN": "username", "USERNAME_REFUSED": "username", "PASSWORD_REFUSED": "new_password1"}


class SignIn(LoginView):
    """The local account (ACC-01). `next` is followed on this site only; the throttle answers 429 (django-axes)."""

    authentication_form = SignInForm
    template_name = "families/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return "/admin/" if user.is_authenticated and works_here(user) else super().get_default_redirect_url()


def works_here(user: User) -> bool:
    """Staff without a child of theirs here: they land on their own screens."""
    return user.is_staff and not user.representatives.exists()


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def activate(request: HttpRequest) -> HttpResponse:
    """The paper's code, then a login and a password of one's own; wrong codes are counted (families.guesses)."""
    if request.user.is_authenticated:
        return redirect("families:attach")
    form = ActivationForm(request.POST or None)
    if form.is_valid() and (user := opened(request, form)):
        begin(request, user)
        messages.success(request, "Votre compte est ouvert. Retenez bien votre identifiant et votre mot de passe.")
        return redirect("orientation:portal")
    return render(request, "families/activate.html", {"form": form})


def opened(request: HttpRequest, form: ActivationForm) -> User | None:
    typed = form.cleaned_data
    try:
        with counted(request):
            return redeem(typed["code"], typed["username"], typed["new_password2"])
    except ActivationRefused as refused:
        form.add_error(REFUSED_FIELD.get(refused.code, "code"), list(refused.details) or refused.sentence)
        return None


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lost_password(request: HttpRequest) -> HttpResponse:
    """Step 1. The answer is the same for an account that exists and for one that does not."""
    form = LostPasswordForm(request.POST or None)
    if form.is_valid():
        request.session[RESET] = str(passwords.ask(form.cleaned_data["name"], address=from_where(request)))
        return redirect("families:reset_code")
    return render(request, "families/lost_password.html", {"form": form, "parties": parties()})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reset_code(request: HttpRequest) -> HttpResponse:
    """Step 2. The code is typed; five tries."""
    if RESET not in request.session:
        return redirect("families:lost_password")
    form = ResetCodeForm(request.POST or None)
    if form.is_valid():
        try:
            passwords.try_code(requested(request), form.cleaned_data["code"])
            return redirect("families:reset_password")
        except passwords.CodeRefused as refused:
            form.add_error("code", refused.sentence)
    return render(request, "families/reset_code.html", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: HttpRequest) -> HttpResponse:
    """Step 3. The new password; then the person signs in with it."""
    try:
        user = passwords.holder(requested(request))
        form = NewPasswordsForm(request.POST or None, user=user)
        if form.is_valid():
            passwords.choose(requested(request), form.cleaned_data["new_password2"])
            return password_changed(request)
    except passwords.CodeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("families:lost_password")
    return render(request, "families/reset_password.html", {"form": form, "account": user})


def requested(request: HttpRequest) -> UUID:
    if RESET not in request.session:
        raise passwords.CodeRefused(passwords.OVER)
    return UUID(request.session[RESET])


def password_changed(request: HttpRequest) -> HttpResponse:
    del request.session[RESET]
    messages.success(request, "Votre mot de passe est changé. Connectez-vous avec le nouveau.")
    return redirect("families:sign_in")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def renew_password(request: HttpRequest) -> HttpResponse:
    """Without e-mail: the code handed out by the school, and the new password; then the person signs in with it."""
    form = RenewalForm(request.POST or None, address=from_where(request))
    if form.is_valid() and (user := renewed(form)):
        login = user.get_username()
        messages.success(request, f"Votre mot de passe est changé. Votre identifiant\u00a0: {login}. Connectez-vous.")
        return redirect("families:sign_in")
    return render(request, "families/renew_password.html", {"form": form})


def renewed(form: RenewalForm) -> User | None:
    try:
        return renew(form.user, form.cleaned_data["code"], form.cleaned_data["new_password2"])
    except ActivationRefused as refused:  # typed twice at once
        form.add_error("code", refused.sentence)
        return None
