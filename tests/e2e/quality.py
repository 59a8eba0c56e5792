"""What every page owes its reader: no complaint in the console, valid HTML, nothing axe finds, nothing cut off."""

import html5lib
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

# WCAG 2.1 A and AA, which the RGAA follows, and what axe advises beside.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
RUN = """([tags, rules, outside]) => axe
  .run({exclude: outside}, {runOnly: tags, rules, resultTypes: ["violations"], preload: false})
  .then(found => found.violations)"""
# The widths of a small phone, of the phone drawn first, and of a 1280 px screen zoomed at 200 %.
WIDTHS = (320, 375, 640)
TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")].filter(one => one.getBoundingClientRect().right > width + 1);
  return ["page", ...wide.slice(-5).map(one => one.outerHTML.slice(0, 120))];
}"""


def listen(context: BrowserContext, complaints: list[str]) -> None:
    """Write down every error and warning of the console: scripts, content security policy, files not found."""

    def console(message: ConsoleMessage) -> None:
        # a page answered 404, 409, 422… is said so too: it is the page we asked for
        answered = message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        if message.type in {"error", "warning"} and not answered:
            complaints.append(f"{message.location['url']}: {message.text}")

    context.on("console", console)
    context.on("weberror", lambda error: complaints.append(str(error.error)))


def axe_faults(page: Page, *, but: tuple[str, ...] = (), outside: tuple[str, ...] = ()) -> list[str]:
    """What axe finds, `but` for these rules and in what is `outside` of our hands (selectors)."""
    page.evaluate(AXE_SCRIPT)
    found = page.evaluate(RUN, [TAGS, {rule: {"enabled": False} for rule in but}, [[one] for one in outside]])
    return [
        f"{one['id']}: {one['help']} | {node['html'][:160]} | {node.get('failureSummary', '')[:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def cut_off(page: Page) -> dict[int, list[str]]:
    """The widths at which one must scroll sideways, with what sticks out."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        found[width] = page.evaluate(TOO_WIDE)
    return {width: what for width, what in found.items() if what}


def check_html(html: str) -> None:
    """Raises html5lib's ParseError where the page is not valid."""
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
