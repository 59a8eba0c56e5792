"""/admin/bac-a-sable/courriels/: every letter that the service can write, about a made-up family. Sandbox only."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from orientation.letters.account_samples import AccountSample, account_samples
from orientation.letters.samples import Sample, samples

# A letter has its style in itself, as mail clients want it; it loads nothing, and stands in our own frame alone.
OF_A_LETTER = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
}
View = Callable[..., HttpResponse]


def in_a_sandbox(view: View) -> View:
    @wraps(view)
    def found(request: HttpRequest, **names: Any) -> HttpResponse:
        if not settings.SANDBOX:
            raise Http404
        return view(request, **names)

    return found


@require_safe
@in_a_sandbox
def sample_letters(request: HttpRequest) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": "Tous les courriels", "samples": _all()}
    return TemplateResponse(request, "admin/orientation/letters/samples.html", context)


@require_safe
@in_a_sandbox
def sample_letter(request: HttpRequest, *, slug: str) -> HttpResponse:
    """The text of a letter, and its HTML in a frame."""
    sample = _sample(slug)
    context = {**admin.site.each_context(request), "title": sample.title, "sample": sample, "letter": sample.letter}
    return TemplateResponse(request, "admin/orientation/letters/sample.html", context)


@require_safe
@in_a_sandbox
def sample_letter_html(request: HttpRequest, *, slug: str) -> HttpResponse:
    return HttpResponse(_sample(slug).letter.html, headers=OF_A_LETTER)


def _all() -> tuple[Sample | AccountSample, ...]:
    return (*samples(), *account_samples())


def _sample(slug: str) -> Sample | AccountSample:
    for one in _all():
        if one.slug == slug:
            return one
    raise Http404
