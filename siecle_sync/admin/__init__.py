"""The nights on the staff's pages. Importing this package registers them."""

from siecle_sync.admin import lines, mass_changes, runs

__all__ = ["lines", "mass_changes", "runs"]
