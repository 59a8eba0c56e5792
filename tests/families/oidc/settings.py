"""A provider for tests that need none to answer: what the environment would say of it."""

from typing import Any

from config.providers import identity_providers

SECRET = "secret-des-essais-assez-long"


def described(kind: str, issuer: str = "https://fournisseur.invalid", **more: str) -> dict[str, dict[str, Any]]:
    """As settings.IDENTITY_PROVIDERS; `more`: other values of the environment, by their short name."""
    values = {"ISSUER": issuer, "CLIENT_ID": "orientation", "CLIENT_SECRET": SECRET, **more}
    return identity_providers({f"{kind.upper()}_{name}": value for name, value in values.items()})
