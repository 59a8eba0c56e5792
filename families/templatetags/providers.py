"""The links to the identity providers, wherever one may sign in."""

from typing import Any

from django import template

from families.oidc.parties import parties

register = template.Library()


@register.inclusion_tag("families/oidc/buttons.html")
def provider_buttons(next: str = "", but: str = "", followed: bool = False) -> dict[str, Any]:
    """A button for each configured provider, none without. `but`: the slug of one that is not offered here;
    `followed`: the form of the local account comes just below.
    """
    return {"parties": [one for one in parties() if one.slug != but], "next": next, "followed": followed}
