"""What the first page of the staff says of the nights: it is of `families`, which knows nothing of them."""

from django import template

from families.models import User
from families.powers import Power, has_power, schools_with
from siecle_sync.models import MassChange

register = template.Library()


@register.inclusion_tag("admin/siecle_sync/to_confirm.html")
def changes_to_confirm(user: User) -> dict[str, int]:
    """How many schools wait for a word of this person: one query, none for who may not say it."""
    if not has_power(user, Power.GOVERN):
        return {"waiting": 0}
    mine = schools_with(user, Power.GOVERN).values("uai")
    return {"waiting": MassChange.objects.filter(verdict="", uai__in=mine).count()}
