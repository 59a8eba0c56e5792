"""Whether the form of an objection is shown to who reads an entry."""

from django import template

from orientation.access import Access
from orientation.rules import may_object

register = template.Library()


@register.filter(name="may_object")
def offered(access: Access, phase: str) -> bool:
    return may_object(access.facts, phase, access.person, access.now) is None
