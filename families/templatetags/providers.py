"""The links to the identity providers, wherever one may sign in."""

from typing import Any

from django import template

from families.oidc.parties import Party, parties

register = template.Library()


@register.inclusion_tag("families/oidc/buttons.html")
def provider_buttons(next: str = "", followed: bool = False) -> dict[str, Any]:
    """A button for each configured provider. `followed`: the form of the local account comes just below."""
    return {"parties": parties(), "next": next, "followed": followed}


@register.inclusion_tag("families/oidc/buttons.html")
def other_providers(party: Party, next: str = "") -> dict[str, Any]:
    """The others that present people of the same kind: a parent is not sent to the staff's."""
    others = [one for one in parties() if one.slug != party.slug and one.who & party.who]
    return {"parties": others, "next": next, "followed": False}
