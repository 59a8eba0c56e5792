"""Every address of the URL configuration, under the key of its row, and its holes filled in for one dossier."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from orientation.converters import SLUGS

RANKS = {"orientation:entry_up": "2"}  # the first one has nowhere to go up
APPLICATIONS = re.compile(r"\^\(\?P<app_label>.*\)/\$")
PLAIN = {
    "(?P<url>.*)$": "nulle-part/",
    "<path:content_type_id>": "1",
    "<str:verb>": "ouvrir",
    "<str:academy>": "10",
    "<str:guide>": "secretariat",
    "<slug:slug>": "recapitulatif",
}


def every_address() -> dict[str, str]:
    """Key of the row → route."""
    return dict(_walk(get_resolver(), "", ""))


def _walk(resolver: Any, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for one in resolver.url_patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one, route, f"{one.namespace}:" if one.namespace else namespace)
        elif isinstance(one, URLPattern):
            yield (f"{namespace}{one.name}" if one.name else route), route


def path_of(key: str, route: str, *, uuid: Any, phase: str, objects: dict[str, Any]) -> str:
    """`objects`: « app/model » → the primary key of a row of this dossier's school."""
    slug = next(slug for slug, one in SLUGS.items() if one == phase)
    model = "/".join(route.split("/")[1:3])
    pk = str(objects.get(model, "0"))
    holes = {
        "<int:division>": str(objects.get("families/division", "0")),
        "<int:campaign>": str(objects.get("orientation/campaign", "0")),
        **PLAIN, "<uuid:uuid>": str(uuid), "<phase:phase>": slug, "<str:phase>": phase,
        "<int:school>": str(objects.get("families/school", "0")),
        "<int:rank>": RANKS.get(key, "1"), "<path:object_id>": pk, "<id>": pk,
    }  # fmt: skip
    for hole, value in holes.items():
        route = route.replace(hole, value)
    return "/" + APPLICATIONS.sub("families/", route)
