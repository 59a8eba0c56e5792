"""The letters of the procedure (MAI), rendered when they leave, from the version they report."""

from orientation.letters.envelope import NoAddress, NothingToSay, UnknownVersion
from orientation.letters.rendering import KINDS, UnknownKind, render, render_all

__all__ = ["KINDS", "NoAddress", "NothingToSay", "UnknownKind", "UnknownVersion", "render", "render_all"]
