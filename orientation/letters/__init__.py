"""The letters of the procedure (MAI), rendered when they leave, from the version they report."""

from orientation.letters.envelope import NoAddress, UnknownVersion
from orientation.letters.rendering import KINDS, UnknownKind, render

__all__ = ["KINDS", "NoAddress", "UnknownKind", "UnknownVersion", "render"]
