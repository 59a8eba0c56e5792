"""« Accès aux comptes » of a pupil's family: who can sign in, let them try again, hand out a code for a new password.

StudentAdmin is its door. The school sees logins, never a password, and chooses none (families.renewal).
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin_base import ScopedModelAdmin
from families.admin_site import rendered
from families.attachments import Person
from families.models import Guardianship, Student, User
from families.oidc.parties import KINDS as PROVIDERS
from families.powers import Power, has_power, staff_actor
from families.renewal import REFUSALS, RenewalRefused, cancel, codes_of, issue, unlock_account, why_no_code
from families.sign_in_throttle import waiting_among

NOT_SEEN = "Aucun code n’a été remis\u00a0: cochez d’abord que vous avez reconnu la personne."


@dataclass(frozen=True, slots=True)
class Access:
    """One person of the family, as the page shows them. `login`: "" for who has no password to type after it."""

    person: Person
    role: str
    has_account: bool
    login: str
    providers: str
    waits: bool
    refusal: str
    code_until: Any


class AccountsOfFamilies(ScopedModelAdmin):
    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.access_view)
        return [path("<path:object_id>/acces/", page, name="family_access"), *super().get_urls()]

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """Who only reads helps nobody in."""
        shown = list(super().get_list_display(request))
        return [*shown, "access"] if has_power(request.user, Power.WORK) else shown

    def access(self, obj: Student) -> str:
        page = reverse("admin:family_access", args=[obj.pk])
        return format_html('<a href="{}" aria-label="Accès aux comptes de la famille de {}">Accès</a>', page, obj)

    access.short_description = "Comptes de la famille"  # type: ignore[attr-defined]

    def access_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST `act` (unlock, code, cancel) for one `person`, by uuid. A code is shown once, in the answer."""
        student = self.reach(request, object_id, Power.WORK)
        if request.method == "POST":
            return self._done(request, student)
        return self._page(request, "admin/families/access.html", student, {"rows": accesses(family_of(student))})

    def _done(self, request: HttpRequest, student: Student) -> HttpResponse:
        person = asked(request, student)
        try:
            match request.POST.get("act"):
                case "code" if request.POST.get("seen"):
                    return self._handed_out(request, student, person)
                case "code":
                    messages.error(request, NOT_SEEN)
                case "unlock":
                    unlock_account(person, by=staff_actor(request.user))
                    messages.success(request, f"{person.full_name} peut essayer de nouveau de se connecter.")
                case "cancel":
                    cancel(person, by=staff_actor(request.user))
                    messages.success(request, f"Le code remis à {person.full_name} ne sert plus.")
        except RenewalRefused as refused:
            messages.error(request, refused.sentence)
        return HttpResponseRedirect(request.path)

    def _handed_out(self, request: HttpRequest, student: Student, person: Person) -> HttpResponse:
        renewal = issue(person, by=staff_actor(request.user))
        return self._page(
            request, "admin/families/renewal.html", student, {"renewal": renewal, "public_url": settings.PUBLIC_URL}
        )

    def _page(self, request: HttpRequest, template: str, student: Student, context: dict[str, Any]) -> HttpResponse:
        shown = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": student, **context,
            "title": f"Accès aux comptes\u00a0: famille de {student.full_name}",
        }  # fmt: skip
        return rendered(TemplateResponse(request, template, shown))


def family_of(student: Student) -> list[tuple[Person, str]]:
    """The legal representatives of today, then the pupil; each with what they are."""
    links = Guardianship.objects.legal().filter(student=student).order_by("level", "representative_id")
    links = links.select_related("representative__user", "representative__school")
    return [*((one.representative, "Représentant légal") for one in links), (student, "Élève")]


def asked(request: HttpRequest, student: Student) -> Person:
    """Raises Http404 for nobody of this family."""
    for person, _ in family_of(student):
        if str(person.uuid) == request.POST.get("person"):
            return person
    raise Http404


def accesses(family: list[tuple[Person, str]]) -> list[Access]:
    """As many queries for two people as for five."""
    people = [person for person, _ in family]
    users = [one.user for one in people if one.user]
    prefetch_related_objects(users, "identities")
    waiting = waiting_among([one.get_username() for one in users])
    held = {(one.student_id, one.representative_id): one.expires_at for one in codes_of(people)}
    return [
        Access(
            person=person,
            role=role,
            has_account=person.user is not None,
            login=person.user.get_username() if person.user and person.user.has_usable_password() else "",
            providers=providers_of(person.user),
            waits=person.user is not None and person.user.get_username() in waiting,
            refusal=REFUSALS.get(why_no_code(person.user), ""),
            code_until=held.get((person.pk, None) if isinstance(person, Student) else (None, person.pk)),
        )
        for person, role in family
    ]


def providers_of(user: User | None) -> str:
    linked = user.identities.all() if user else ()
    return ", ".join(PROVIDERS[one.provider].name for one in linked if one.provider in PROVIDERS)
