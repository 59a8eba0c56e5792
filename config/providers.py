"""Identity providers, as the environment describes them: EDUCONNECT_…, FRANCECONNECT_…, PROCONNECT_….

One that the environment does not name is not offered. Defaults are those of each provider's own documentation.
"""

from collections.abc import Mapping
from typing import Any, Final

REQUIRED: Final = ("issuer", "client_id", "client_secret")
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint")

ASSURANCE: Final = "https://proconnect.gouv.fr/assurance/"
ASSURED: Final = ("self-asserted", "self-asserted-2fa", "consistency-checked", "consistency-checked-2fa")

# `acr_values`: the levels asked for; `acr_accepted`: those that open the door (none: any does; not said by an
# environment that says what to ask for: the same). `acr_essential`: those accepted are also asked for by the parameter
# « claims », which makes ProConnect ask for a second factor.
# `auth_time`: it says when the person signed in, without which nobody proves again who they are.
# `prompt_login`: the password is asked for each time, even from who is signed in there already.
# `pkce`: off where no parameter may be added to the documented ones. `subject`: the claim that names somebody for ever.
USUAL: Final[dict[str, Any]] = {
    "scopes": "openid",
    "acr_values": "",
    "acr_accepted": "",
    "acr_essential": False,
    "auth_time": True,
    "algorithm": "ES256",
    "pkce": False,
    "prompt_login": False,
    "userinfo_signed": True,
    "auth_method": "client_secret_post",
    "subject": "sub",
    "help_url": "",
}
KINDS: Final[dict[str, dict[str, Any]]] = {
    "educonnect": {
        "scopes": "openid profile",
        "algorithm": "RS256",
        "pkce": True,
        "userinfo_signed": False,
        "help_url": "https://educonnect.education.gouv.fr/",
    },
    "franceconnect": {
        "scopes": "openid given_name family_name preferred_username",
        "acr_values": "eidas1",
        "acr_accepted": "eidas1 eidas2 eidas3",
        "help_url": "https://franceconnect.gouv.fr/",
    },
    "proconnect": {
        "scopes": "openid given_name usual_name",
        "acr_values": "eidas1",
        "acr_accepted": " ".join(["eidas1", "eidas1-mfa", "eidas2", "eidas3", *(ASSURANCE + one for one in ASSURED)]),
        "help_url": "https://proconnect.gouv.fr/",
    },
}


def identity_providers(environ: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """What families.oidc.parties reads as settings.IDENTITY_PROVIDERS: by slug, every value; "" for a missing one."""
    return {slug: described(slug, environ) for slug in KINDS if is_named(slug, environ)}


def is_named(slug: str, environ: Mapping[str, str]) -> bool:
    """One of the three values that only a deployment can give is there: half of them is an error (config.checks)."""
    return any(environ.get(variable(slug, name)) for name in REQUIRED)


def described(slug: str, environ: Mapping[str, str]) -> dict[str, Any]:
    defaults = {**dict.fromkeys(REQUIRED, ""), **USUAL, **KINDS[slug]}
    defaults["acr_accepted"] = environ.get(variable(slug, "acr_values")) or defaults["acr_accepted"]
    values = {name: read(environ.get(variable(slug, name)), default) for name, default in defaults.items()}
    endpoints = {name: environ.get(variable(slug, name), "").strip() for name in ENDPOINTS}
    return {**values, "endpoints": {name: address for name, address in endpoints.items() if address}}


def variable(slug: str, name: str) -> str:
    return f"{slug}_{name}".upper()


def read(given: str | None, default: Any) -> Any:
    """A value of the environment, of the kind of its default; levels and scopes are separated by spaces.

    An empty one says nothing: a compose file hands over every variable it knows.
    """
    if not given or not given.strip():
        return default
    return given.strip().lower() in {"1", "true", "yes", "oui"} if isinstance(default, bool) else given.strip()
