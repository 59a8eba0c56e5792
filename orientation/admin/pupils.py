"""Pupils, and the page where the school settles whether one is concerned by the campaign (CAL-01)."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from families.admin import StudentAdmin
from families.admin_site import rendered
from families.models import Division, Level, Student, StudentScope
from families.powers import Power, has_power, staff_actor
from families.scope import REASONS
from orientation.actions import is_to_settle, settle_scope
from orientation.refusals import sentence
from orientation.rules import RuleBroken

admin.site.unregister(Student)  # the same page, with an act of the procedure


class SettleForm(forms.Form):
    """Concerned or not, and why; the level and the division when Siècle does not give them."""

    concerned = forms.ChoiceField(
        label="Cet élève est",
        choices=[("", "–"), ("oui", "concerné : un dossier s’ouvre aussitôt"), ("non", "hors campagne")],
    )
    level = forms.ChoiceField(label="Niveau", choices=[("", "–"), *Level.choices], required=False)
    division = forms.ModelChoiceField(label="Division", queryset=Division.objects.none(), required=False)
    reason = forms.CharField(label="Motif", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["division"].queryset = Division.objects.filter(school=student.school_id, year=student.year)
        for name in ("level", "division"):
            if getattr(student, name):
                del self.fields[name]

    def said(self) -> dict[str, Any]:
        """As `settle_scope` takes it."""
        data = self.cleaned_data
        placed = {"level": data.get("level", ""), "division": data.get("division")}
        return {"concerned": data["concerned"] == "oui", "reason": data["reason"], **placed}


@admin.register(Student)
class PupilAdmin(StudentAdmin):
    list_display = ["family_name", "first_name", "division", "level", "concerned", "school"]

    @admin.display(description="Campagne", ordering="scope")
    def concerned(self, obj: Student) -> str:
        said = StudentScope(obj.scope).label
        words = f"{said} ({REASONS[obj.scope_reason]})" if obj.scope_reason in REASONS else said
        if obj.scope != StudentScope.TO_DECIDE:
            return words
        return format_html('{} – <a href="{}">trancher</a>', words, reverse("admin:pupil_settle", args=[obj.pk]))

    def get_urls(self) -> list[Any]:
        own = path("<path:object_id>/campagne/", self.admin_site.admin_view(self.settle_view), name="pupil_settle")
        return [own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        student = kwargs.get("obj")
        works = has_power(request.user, Power.WORK) and self._contains(request.user, Power.WORK, student)
        context["may_settle"] = works and is_to_settle(student)
        return super().render_change_form(request, context, *args, **kwargs)

    change_form_template = "admin/orientation/pupil/change_form.html"

    def settle_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        student = self.reach(request, object_id, Power.WORK)
        form = SettleForm(request.POST or None, student=student)
        if form.is_valid():
            try:
                settle_scope(student=student, by=staff_actor(request.user), **form.said())
            except RuleBroken as broken:
                form.add_error(None, forms.ValidationError(sentence(broken.code), code=broken.code))
            else:
                return self._settled(request, student, form.said()["concerned"])
        return self._settle_page(request, student, form)

    def _settle_page(self, request: HttpRequest, student: Student, form: SettleForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": student, "form": form,
            "title": "Trancher la situation d’un élève", "because": REASONS.get(student.scope_reason, ""),
            "settled": not is_to_settle(student),
        }  # fmt: skip
        status = 422 if form.errors else 200
        return rendered(TemplateResponse(request, "admin/orientation/pupil/settle.html", context, status=status))

    def _settled(self, request: HttpRequest, student: Student, concerned: bool) -> HttpResponse:
        words = "est concerné : son dossier est ouvert" if concerned else "est hors campagne"
        messages.success(request, f"{student} {words}. Le prochain import ne reposera pas la question.")
        return HttpResponseRedirect(reverse("admin:families_student_changelist"))
