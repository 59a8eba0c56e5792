"""The mutants of the rules that no test can tell from the rule: (function, the line as it became) → why."""

EXPLAINED: dict[tuple[str, str], str] = {
    ("calendar._ends", "(window.closes_at if (window) or True else None, ClosedBy.ACADEMY),"): (
        "entry_status a déjà répondu quand la fenêtre manque : la garde n’est là que pour les types."
    ),
}
