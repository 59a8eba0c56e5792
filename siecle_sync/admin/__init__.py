"""The nights, and the imports, on the staff's pages. Importing this package registers them."""

from siecle_sync.admin import imports, lines, mass_changes, runs

__all__ = ["imports", "lines", "mass_changes", "runs"]
