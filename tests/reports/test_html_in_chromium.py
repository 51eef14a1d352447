"""Pages of HTML in a real browser: they load nothing, can be filtered and read by keyboard, and are legible.

Skipped where playwright or Chromium is not there; `make test-browser` installs both and skips nothing.
"""

from __future__ import annotations

import os
import random
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import imagefit
from packfiles import shipped_pack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking")
PICTURES = os.environ.get("IMAGEFIT_SCREENSHOTS", "")
"""The folder that screenshots are kept in, to be looked at."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("IMAGEFIT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if os.environ.get("IMAGEFIT_BROWSER") == "later":
        pytest.skip("make test-browser follows")
    if path is None:
        if os.environ.get("IMAGEFIT_BROWSER") == "required":
            pytest.fail("playwright and Chromium have to be here")
        pytest.skip("playwright or Chromium is not here: make test-browser installs both")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=[f"--{each}" for each in QUIET])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def candidates(count: int) -> list[dict[str, object]]:
    draw = random.Random(7).choice
    return [
        {
            "id": f"id-{number:06d}",
            "name": f"web-{number}" if number % 3 else "",
            "image.status": draw(["active", "active", "queued", None]),
            "image.encrypted": draw([True, False, None]),
            "image.visibility": draw(["private", "public", "shared"]),
            "image.region": draw(["cn-north-4", "eu-west-101"]),
            "team": draw(["blue", "red"]),
        }
        for number in range(count)
    ]


@pytest.fixture(scope="module")
def audited(folder: Path) -> Any:
    """An audit, written as a page, and its rows."""
    audit = imagefit.audit(candidates(300), operation="share", plans=True)
    audit.write(folder / "audit.html")
    return audit


IMAGES = [
    {"id": f"image-{n}", "image.architecture": ("x86_64", "arm64")[n % 2], "image.status": ("active", "queued")[n == 5]}
    for n in range(6)
]
ECSS = [
    {"id": f"{f}.large.{n}", "ecs.architecture": a} for f, a in (("c7n", "x86_64"), ("kc1", "arm64")) for n in (2, 4)
]


@pytest.fixture(scope="module")
def matched(folder: Path) -> imagefit.Match:
    match = imagefit.match(IMAGES, ECSS, operation="create_ecs", select=["arch.matches", "status.active"])
    match.write(folder / "match.html")
    return match


def shown(page: Page) -> int:
    """Return how many candidates the page says that it shows, once it has drawn what was typed."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    found = re.search(r"[\d,]+", page.locator("#shown").inner_text())
    assert found is not None
    return int(found[0].replace(",", ""))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Any]:
    """Open files; whatever they ask for or complain of is an error."""
    contexts = []

    def open_(file: Path, width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(file.as_uri())
        return page

    asked: list[str] = []
    said: list[str] = []
    yield open_
    for context in contexts:
        context.close()
    assert said == [] and all(url.startswith("file://") and url.endswith(".html") for url in asked)


def test_a_page_filters_by_verdict_words_and_rule(opened: Any, folder: Path, audited: imagefit.Audit) -> None:
    table = audited.to_arrow().to_pylist()
    page = opened(folder / "audit.html")
    assert shown(page) == len(table)
    verdicts = [row["verdict"] for row in table]
    assert f"{verdicts.count('incompatible')} of {len(table)} candidates do not fit" == page.locator("h1").inner_text()
    page.get_by_label("? unknown").uncheck()
    assert shown(page) == len(table) - verdicts.count("unknown")
    page.get_by_role("button", name="sharing.encrypted", exact=True).first.click()
    chosen = [row for row in table if "sharing.encrypted" in row["failed_rules"] + row["unknown_rules"]]
    chosen = [row for row in chosen if row["verdict"] != "unknown"]
    assert shown(page) == len(chosen) > 0
    page.get_by_label("Search names, reasons, facts").fill("BLUE cn-north")
    assert shown(page) == sum(row["team"] == "blue" and row["image.region"] == "cn-north-4" for row in chosen)
    page.get_by_label("Search names, reasons, facts").fill("no such thing")
    assert shown(page) == 0 and page.get_by_text("No candidate is like this.").is_visible()


def test_a_verdict_is_read_by_keyboard_alone(opened: Any, folder: Path, audited: imagefit.Audit) -> None:
    page = opened(folder / "audit.html")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("id-000007")
    assert shown(page) == 1
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    one = page.get_by_role("complementary")
    verdict = audited.explain(7)
    text = one.inner_text()
    assert page.evaluate("document.activeElement.textContent") == "web-7"
    for result in (*verdict.failed, *verdict.undecided):
        assert result.message in text or result.outcome == "unknown"
        assert result.rule in text
    for plan in verdict.plans(1):
        assert all(step.text.split(" ")[0] in text for step in plan.steps)
    sources = {shipped_pack().sources[rule.source.document].address for rule in verdict.failed}
    assert sources <= {link.get_attribute("href") for link in one.get_by_role("link").all()}
    page.keyboard.press("Escape")
    assert one.is_hidden() and page.evaluate("document.activeElement.id") == "rows"


def test_a_table_is_sorted_by_a_heading(opened: Any, folder: Path, audited: imagefit.Audit) -> None:
    page = opened(folder / "audit.html")
    names = [row["name"] or row["id"] for row in audited.to_arrow().to_pylist()]
    first = page.locator(".body .row:not([hidden]) .label")
    assert first.first.inner_text() == names[0]
    page.get_by_role("button", name="Candidate").click()
    heading = page.get_by_role("columnheader", name="Candidate")
    assert heading.get_attribute("aria-sort") == "ascending"
    page.get_by_role("button", name="Candidate").click()
    assert heading.get_attribute("aria-sort") == "descending"
    page.get_by_role("button", name="Verdict").click()
    assert "incompatible" in page.locator("#row-0").inner_text()
    page.get_by_role("grid").focus()
    page.keyboard.press("End")
    levels = {row["verdict"] for row in audited.to_arrow().to_pylist()}
    assert ("compatible" if "compatible" in levels else "unknown") in page.locator("#row-299").inner_text()


@pytest.mark.parametrize("by", ["image.region", "team", "rule"])
def test_a_breakdown_counts_what_is_shown(opened: Any, folder: Path, audited: imagefit.Audit, by: str) -> None:
    page = opened(folder / "audit.html")
    page.get_by_label("Break down by").select_option(label=by)
    table = audited.to_arrow().to_pylist()
    wanted: dict[str, list[int]] = {}
    for row in table:
        keys = (row["failed_rules"] + row["unknown_rules"] + row["warnings"]) if by == "rule" else [row[by]]
        for key in set(keys):
            counts = wanted.setdefault(key, [0, 0, 0])
            counts[("incompatible", "unknown", "compatible").index(row["verdict"])] += 1
    lines = page.locator("#groups tbody tr").all()
    found = {
        line.locator("th").inner_text(): [int(n) for n in line.locator("td.number").all_inner_texts()] for line in lines
    }
    assert found == wanted
    page.locator("#groups tbody button").first.click()
    assert shown(page) == sum(found[lines[0].locator("th").inner_text()])


def test_a_match_shows_images_with_families(opened: Any, folder: Path, matched: imagefit.Match) -> None:
    page = opened(folder / "match.html")
    fields = {
        tuple(row.locator("th").all_inner_texts()): row.locator("td").all_inner_texts()
        for row in page.locator(".heat tbody tr").all()
    }
    assert fields == {
        ("image-0",): ["3", "✓ 2", "✕"],
        ("image-1",): ["2", "✕", "✓ 2"],
        ("image-5",): ["1", "✕", "✕"],
    }
    stops = page.locator(".heat button[tabindex='0']")
    assert stops.count() == 1
    stops.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    assert stops.count() == 1 and stops.inner_text() == "✓ 2"
    page.keyboard.press("Enter")
    assert shown(page) == 3 * 2 and "compatible" in page.locator("#row-5").inner_text()
    assert matched.counts()["compatible"] == 10


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_page_is_legible(opened: Any, folder: Path, audited: Any, matched: Any, scheme: str, width: int) -> None:
    for name in ("audit", "match"):
        page = opened(folder / f"{name}.html", width, color_scheme=scheme)
        page.get_by_role("grid").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(PALE) == []
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 24, 28)")
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{scheme}-{width}.png", full_page=True)


# The texts whose colour has less contrast to what is behind it than WCAG asks for (AA: 4.5; of large ones 3).
PALE = """() => {
  const channels = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = (text) => {
    const [r, g, b] = channels(text).map((each) => each / 255)
      .map((each) => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let each = node; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor, parts = channels(colour);
      if (parts.length === 3 || parts[3] > 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const pale = [];
  for (const node of document.querySelectorAll("body *")) {
    const isText = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!isText || !node.checkVisibility() || node.closest("option, script, style, noscript")) continue;
    const [a, b] = [light(getComputedStyle(node).color), light(behind(node))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) pale.push([node.outerHTML.slice(0, 120), (a + 0.05) / (b + 0.05)]);
  }
  return pale;
}"""


def test_what_can_be_used_has_a_name_and_headings_have_an_order(opened: Any, folder: Path, audited: Any) -> None:
    page = opened(folder / "audit.html")
    tree = page.locator("body").aria_snapshot()
    nameless = re.findall(r"^ *- (?:button|textbox|searchbox|combobox|checkbox|link|grid|region)(?::|$)", tree, re.M)
    assert nameless == [] and "- grid" in tree and "- searchbox" in tree
    levels = [int(n) for n in re.findall(r"heading .*\[level=(\d)\]", tree)]
    assert levels[0] == 1 and all(after - before <= 1 for before, after in pairwise(levels))


def test_on_paper_the_rows_stand_in_a_table(opened: Any, folder: Path, audited: Any) -> None:
    page = opened(folder / "audit.html", color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#printed tbody tr").count() == 300
    assert page.locator("#printed").is_visible() and page.get_by_role("search").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#printed tbody tr").count() == 0


def test_without_scripts_the_verdict_and_the_first_rows_are_there(opened: Any, folder: Path, audited: Any) -> None:
    page = opened(folder / "audit.html", java_script_enabled=False)
    assert page.locator("h1").inner_text().endswith("do not fit")
    assert page.locator("noscript tr").count() == 101
    assert page.get_by_text("sharing.encrypted").first.is_visible()


def test_nothing_else_may_act(opened: Any, folder: Path, audited: Any, browser: Browser) -> None:
    context = browser.new_context(offline=True)
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto((folder / "audit.html").as_uri())
    acted = page.evaluate("""async () => {
      const script = document.createElement("script");
      let isMarkup = true, isCode = true;
      try { document.body.innerHTML = "<b>"; } catch { isMarkup = false; }
      try { script.textContent = "window.acted = true"; document.body.append(script); } catch { isCode = false; }
      const isLoaded = await fetch("https://e.example/").then(() => true, () => false);
      return [isMarkup, window.acted === true, isLoaded];
    }""")
    assert acted == [False, False, False] and any("Content Security Policy" in text for text in refused)
    context.close()


def test_a_page_of_nothing_says_so(opened: Any, folder: Path) -> None:
    imagefit.audit(candidates(1), operation="share").where(verdict="compatible").write(folder / "empty.html")
    page = opened(folder / "empty.html")
    assert page.locator("h1").inner_text() == "Nothing was checked" and shown(page) == 0


def test_one_candidate_is_shown_at_once(opened: Any, folder: Path) -> None:
    imagefit.audit(candidates(1), operation="share").write(folder / "one.html")
    page = opened(folder / "one.html")
    assert page.get_by_role("complementary").get_by_text("status.active").is_visible()
    assert page.get_by_role("grid").is_hidden() and page.get_by_role("search").is_hidden()


EVIL = "<img src=x onerror=alert(1)><script>alert(1)</script>\u202e\x1b[31m</script>\"'`"


def test_texts_of_others_are_texts(opened: Any, folder: Path) -> None:
    rows = [{"id": f"{n}{EVIL}", "name": EVIL, "image.region": EVIL, EVIL: EVIL} for n in range(3)]
    imagefit.audit(rows, operation="share").write(folder / "evil.html")
    page = opened(folder / "evil.html")
    page.get_by_role("grid").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Break down by").select_option(index=2)
    seen = page.get_by_role("complementary").inner_text()
    assert "<script>alert(1)</script>\\u202e\\x1b[31m</script>" in seen
    assert page.locator("script").count() == 2 and page.locator("img").count() == 0
    page.get_by_label("Search names, reasons, facts").fill(EVIL.split("\u202e")[0].lower())
    assert shown(page) == 3


@pytest.mark.slow
def test_tens_of_thousands_of_rows_are_few_elements(opened: Any, folder: Path) -> None:
    imagefit.audit(candidates(30_000), operation="share").write(folder / "large.html")
    page = opened(folder / "large.html")
    assert shown(page) == 30_000
    grid = page.get_by_role("grid")
    assert grid.get_attribute("aria-rowcount") == "30001"
    grid.focus()
    page.keyboard.press("End")
    assert page.locator("#row-29999").inner_text().startswith("30000")
    assert grid.get_attribute("aria-activedescendant") == "row-29999"
    assert page.locator("#row-29999").get_attribute("aria-rowindex") == "30001"
    assert page.get_by_role("row").count() < 100
    page.get_by_label("Search names, reasons, facts").fill("web-29999")
    assert shown(page) == 1
