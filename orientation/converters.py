"""The phase in a path: `intentions` or `choix`."""

from orientation.enums import Phase

SLUGS = {"intentions": Phase.PROVISIONAL, "choix": Phase.DEFINITIVE}


class PhaseConverter:
    regex = "intentions|choix"

    def to_python(self, value: str) -> Phase:
        return SLUGS[value]

    def to_url(self, value: str) -> str:
        return next(slug for slug, phase in SLUGS.items() if phase == value)
