"""The pages of school and académie staff. Importing this package registers them."""

from orientation.admin import campaigns, dossiers, register, schools

__all__ = ["campaigns", "dossiers", "register", "schools"]
