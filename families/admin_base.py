"""The scoped admin: a class declares how its model leads to a school, and every door of the admin closes (ACC-06).

The doors: list and object (`get_queryset`), permissions, choices of foreign keys, search and autocompletion (both
through `get_queryset`), filters, actions, inlines. What is not declared is refused. An object out of scope is a 404.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import capfirst

from families.models import User
from families.names import folded, name_key
from families.powers import Power, academies_with, has_power, schools_with


class ScopeBy(StrEnum):
    SCHOOL = "SCHOOL"  # scope_path leads to a School
    ACADEMY = "ACADEMY"  # scope_path leads to an Academy
    UAI = "UAI"  # scope_path leads to a UAI, in another institution's database
    SUPERUSER = "SUPERUSER"  # not for schools


def scoped_action(*, power: Power, description: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An admin action offered to who has this power, on the rows where they have it."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def narrowed(self: "ScopedModelAdmin", request: HttpRequest, queryset: QuerySet[Any]) -> Any:
            return function(self, request, self.within(queryset, request.user, power))

        narrowed.short_description = description  # type: ignore[attr-defined]
        narrowed.power = power  # type: ignore[attr-defined]
        return narrowed

    return decorate


class Scoped:
    """What a model admin and an inline share. A power that is None belongs to nobody, superusers included."""

    scope_by: ScopeBy = ScopeBy.SCHOOL
    scope_path: str = ""
    view_power: Power = Power.READ
    add_power: Power | None = None
    change_power: Power | None = None
    model: type[Model]
    admin_site: admin.AdminSite

    def within(self, queryset: QuerySet[Any], user: User, power: Power) -> QuerySet[Any]:
        """The rows of the schools where this user has this power."""
        if user.is_superuser:
            return queryset
        match self.scope_by:
            case ScopeBy.SCHOOL:
                return queryset.filter(**{f"{self.scope_path}__in": schools_with(user, power)})
            case ScopeBy.ACADEMY:
                return queryset.filter(**{f"{self.scope_path}__in": academies_with(user, power)})
            case ScopeBy.UAI:
                known = list(schools_with(user, power).values_list("uai", flat=True))
                return queryset.filter(**{f"{self.scope_path}__in": known})
        return queryset.none()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.within(super().get_queryset(request), request.user, self.view_power)  # type: ignore[misc]

    def _may(self, request: HttpRequest, power: Power | None, obj: Model | None) -> bool:
        if power is None or not has_power(request.user, power):
            return False
        return obj is None or self._contains(request.user, power, obj)

    def _contains(self, user: User, power: Power, obj: Model) -> bool:
        return self.within(type(obj)._base_manager.filter(pk=obj.pk), user, power).exists()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, self.view_power, obj) or self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, self.change_power, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may(request, self.add_power, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return has_power(request.user, self.view_power)

    def get_field_queryset(self, db: str | None, db_field: Field, request: HttpRequest) -> QuerySet[Any]:
        """Only what this user could write here may be pointed at: foreign keys and many-to-many."""
        related = db_field.remote_field.model
        if not self.admin_site.is_registered(related):
            return related._default_manager.all() if request.user.is_superuser else related._default_manager.none()
        target = self.admin_site.get_model_admin(related)
        rows = target.get_queryset(request)
        power = self.change_power or self.add_power or self.view_power
        return target.within(rows, request.user, power) if isinstance(target, Scoped) else rows.none()


class FewRelated(admin.RelatedOnlyFieldListFilter):
    """Of more than MANY schools, none is listed beside the page: they are searched for. The one chosen is kept."""

    MANY = 60

    def field_choices(self, field: Field, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        related = model_admin.admin_site.get_model_admin(field.remote_field.model).get_queryset(request)
        if related.order_by()[: self.MANY + 1].count() <= self.MANY:
            return super().field_choices(field, request, model_admin)
        chosen = (self.lookup_val or [""])[0]
        return [(one.pk, str(one)) for one in related.filter(pk=chosen)] if str(chosen).isdecimal() else []

    def has_output(self) -> bool:
        return len(self.lookup_choices) > (0 if self.lookup_val else 1)


class ScopedModelAdmin(Scoped, admin.ModelAdmin):
    """Subclasses declare `scope_by`, `scope_path` and the powers. Nothing is ever deleted."""

    view_on_site = False
    list_per_page = 50
    name_path: str | None = None  # leads to whoever is looked for by name, however it is typed

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        """Each word typed is somewhere in the name, or in a field of `search_fields`."""
        if self.name_path is None:
            return super().get_search_results(request, queryset, search_term)
        queryset = queryset.alias(found_name=name_key(self.name_path))
        for word in search_term.split():
            asked = Q(found_name__contains=folded(word))
            for field in self.get_search_fields(request):
                asked |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(asked)
        return queryset, False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """No regular expression in an address: a wrong one breaks the page, a slow one holds the database."""
        return not lookup.endswith("regex") and super().lookup_allowed(lookup, value, request)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """A filter on a relation lists what the page lists, nobody else's schools or divisions."""
        return [self._own(one) for one in super().get_list_filter(request)]

    def _own(self, declared: Any) -> Any:
        if isinstance(declared, str) and get_fields_from_path(self.model, declared)[-1].is_relation:
            return (declared, FewRelated)
        return declared

    def _filter_actions_by_permissions(self, request: HttpRequest, actions: list[Any]) -> list[Any]:
        """An action that declares no power is offered to nobody."""
        return [one for one in actions if hasattr(one[0], "power") and has_power(request.user, one[0].power)]

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        raise Http404

    def reach(self, request: HttpRequest, object_id: str, power: Power) -> Any:
        """The object of a page of our own. Raises Http404 out of scope, PermissionDenied without this power on it."""
        found = self.get_object(request, str(object_id))
        if found is None:
            raise Http404
        if not self._contains(request.user, power, found):
            raise PermissionDenied
        return found


class SuperuserModelAdmin(ScopedModelAdmin):
    """Accounts, roles, académies: superusers only."""

    scope_by = ScopeBy.SUPERUSER
    view_power = add_power = change_power = Power.ALL


class ScopedInline(Scoped, admin.TabularInline):
    """An inline asks its parent's admin: who may write the parent may write its lines."""

    extra = 0

    def _contains(self, user: User, power: Power, obj: Model) -> bool:
        parent = self.admin_site.get_model_admin(type(obj))
        return isinstance(parent, Scoped) and parent._contains(user, power, obj)
