"""Signing in with EduConnect, FranceConnect or ProConnect: OpenID Connect, as a relying party (ACC-01)."""
