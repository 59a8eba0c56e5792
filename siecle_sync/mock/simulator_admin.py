"""What the pages of the simulated Siècle Orientation share: their scope, their place, the school's time."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from families.admin_base import ScopeBy, ScopedModelAdmin
from families.powers import zone_at

LEVELS = {"3E": "3e", "2GT": "2de GT"}


class SimulatorAdmin(ScopedModelAdmin):
    """The simulator knows schools by their UAI only."""

    scope_by = ScopeBy.UAI
    scope_path = "uai"
    change_list_template = "siecle_mock/change_list.html"
    change_form_template = "siecle_mock/change_form.html"

    @admin.display(description="Niveau", ordering="level")
    def level_words(self, obj: Any) -> str:
        return LEVELS.get(obj.level, str(obj.level))

    @admin.display(description="Année scolaire", ordering="year")
    def years(self, obj: Any) -> str:
        return f"{obj.year}-{obj.year + 1}"

    def page(
        self,
        request: HttpRequest,
        template: str,
        uai: str,
        context: dict[str, Any],
        form: Any = None,
        status: int = 200,
    ) -> HttpResponse:
        """A page of ours, in the time zone of the school it is about."""
        shared = {**self.admin_site.each_context(request), "opts": self.opts, "form": form}
        shown = 422 if form is not None and form.is_bound else status
        with timezone.override(zone_at(uai)):
            response = TemplateResponse(request, f"siecle_mock/{template}.html", {**shared, **context}, status=shown)
            return response.render()
