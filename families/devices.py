"""The browser in words that its owner recognises: « Firefox sur Android ». What it says of itself is never kept."""

BROWSERS = (  # the first that is named: most say that they are Chrome or Safari too
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
MACHINES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def device_words(user_agent: str) -> str:
    """« Firefox sur Android », « Firefox », « Android », or "" when nothing is recognised."""
    found = (_first(BROWSERS, user_agent), _first(MACHINES, user_agent))
    return " sur ".join(one for one in found if one)


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((words for mark, words in names if mark in user_agent), "")
