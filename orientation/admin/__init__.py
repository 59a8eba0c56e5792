"""The pages of school and académie staff. Importing this package registers them."""

from orientation.admin import campaigns, controls, dossiers, pupils, register, schools

__all__ = ["campaigns", "controls", "dossiers", "pupils", "register", "schools"]
