"""A closer look: previews of what links lead to, figures as large as the window, a citation to copy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import ROOT, open_page
from playwright.sync_api import Locator, Page, expect

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHAPTER = "book/crashes/october_1987.html"

#: What a link leads to, by its address, and what the preview then says.
LINKS = {
    "term": (CHAPTER, 'main p a[href*="glossary.html#term-call"]', "The right, not the duty, to buy"),
    "source": (CHAPTER, 'main a[href*="bibliography.html#"]', "200"),
    "figure": (CHAPTER, 'main a[href="#fig-desk"]:not(.headerlink)', "Fig. 17.1"),
    "equation": ("book/algorithm/gamma_theta.html", 'main a[href="#equation-one-day"]:not(.headerlink)', "(5.1)"),
    "equation elsewhere": ("book/algorithm/gamma_theta.html", 'main a[href*="html#equation-"]', "(2.2)"),
    "exercise": ("book/how_to_use.html", 'main a[href*="#ex-break-even"]', "Does the break-even move shrink?"),
    "term here": ("book/glossary.html", 'main dd a[href="#term-delta"]', "delta"),
}


def preview(page: Page) -> Locator:
    """The one that is shown, if one is."""
    return page.locator(".preview")


def serious(page: Page, what: str) -> list[str]:
    """What axe finds in a part of a page."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    found = page.evaluate("what => axe.run(what, { resultTypes: ['violations'] })", what)["violations"]
    return [
        f"{each['id']}: {node['html'][:160]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


def come_to(link: Locator) -> Locator:
    """A link in the middle of the window."""
    link.evaluate("it => it.scrollIntoView({ block: 'center' })")
    return link


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_shows_what_it_leads_to(desk_at, kind):
    """Beside it, within the window, whole, and only while one is there."""
    path, address, says = LINKS[kind]
    page = desk_at(path).page
    page.mouse.move(0, 0)
    link = come_to(page.locator(address).first)
    link.hover()
    expect(preview(page)).to_contain_text(says)
    box, at = preview(page).bounding_box(), link.bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 1280
    assert box["y"] >= at["y"] + 0.5 * at["height"] or box["y"] + box["height"] <= at["y"] + at["height"]
    assert preview(page).evaluate(
        "it => it.scrollHeight <= it.clientHeight + 1 && it.scrollWidth <= it.clientWidth"
    )
    expect(link).to_have_attribute("aria-describedby", "preview")
    assert page.evaluate("document.querySelectorAll('#preview').length") == 1
    assert preview(page).locator("[id]:not(svg *)").count() == 0  # the page's own places keep their names
    page.mouse.move(0, 0)
    expect(preview(page)).to_have_count(0)
    assert link.get_attribute("aria-describedby") is None


@pytest.fixture
def at_a_term(desk_at) -> Iterator[tuple[Page, Locator]]:
    """A chapter with the pointer on a word that the glossary explains."""
    page = desk_at(CHAPTER).page
    page.mouse.move(0, 0)
    link = come_to(page.locator(LINKS["term"][1]).first)
    link.hover()
    expect(preview(page)).to_be_visible()
    yield page, link
    page.mouse.move(0, 0)


def test_the_pointer_may_move_onto_a_preview_and_follow_its_links(at_a_term):
    page, _ = at_a_term
    box = preview(page).bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2, steps=5)
    page.wait_for_timeout(500)
    expect(preview(page)).to_be_visible()
    inner = preview(page).get_by_role("link", name="underlying")
    assert inner.evaluate("it => it.href").endswith("/book/glossary.html#term-underlying")


def test_escape_takes_a_preview_away_while_the_pointer_stays(at_a_term):
    page, link = at_a_term
    page.keyboard.press("Escape")
    expect(preview(page)).to_have_count(0)
    link.hover(position={"x": 3, "y": 8})
    page.wait_for_timeout(500)
    expect(preview(page)).to_have_count(0)


def test_a_preview_goes_when_its_link_may_move(at_a_term):
    """With a single key, and when a run shows something; what the link was called is put back."""
    page, link = at_a_term
    run = "dispatchEvent(new CustomEvent('book:shown', { detail: document.createElement('div') }))"
    for move in (lambda: page.keyboard.press("x"), lambda: page.evaluate(run)):
        page.mouse.move(0, 0)
        expect(preview(page)).to_have_count(0)
        link.evaluate("it => (it.title = 'as it was')")
        link.hover()
        expect(preview(page)).to_be_visible()
        assert link.get_attribute("title") is None
        move()
        expect(preview(page)).to_have_count(0)
        assert link.get_attribute("title") == "as it was"


def test_escape_takes_the_preview_and_leaves_the_cell_that_is_edited(visit):
    page = visit(CHAPTER).page
    if not page.locator(".run-bar").count():
        pytest.skip("This site was built without what runs its cells.")
    page.get_by_role("button", name="Edit cell 1", exact=True).click()
    expect(page.locator("textarea")).to_be_focused()
    come_to(page.locator(LINKS["term"][1]).first).hover()
    expect(preview(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(preview(page)).to_have_count(0)
    expect(page.locator("textarea")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("textarea")).to_have_count(0)


def test_the_keyboard_scrolls_a_preview_from_its_link(visit):
    """In a low window, where not all of it fits."""
    path, address, _ = LINKS["exercise"]
    page = visit(path, height=260).page
    page.keyboard.press("Tab")
    come_to(page.locator(address).first).focus()
    expect(preview(page)).to_have_attribute("tabindex", "0")
    before = page.evaluate("scrollY")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("document.querySelector('.preview').scrollTop > 0")
    page.keyboard.press("ArrowUp")
    page.wait_for_function("document.querySelector('.preview').scrollTop === 0")
    assert page.evaluate("scrollY") == before


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_no_barrier_on_an_open_preview(at_a_term, colours):
    page, _ = at_a_term
    page.emulate_media(color_scheme=colours)
    assert serious(page, ".preview") == []


def test_a_preview_needs_no_pointer(desk_at):
    """The keyboard's way from link to link shows one after the other."""
    page = desk_at(CHAPTER).page
    first = come_to(page.locator(LINKS["term"][1]).first)
    first.evaluate("it => it.previousElementSibling?.focus()")
    page.keyboard.press("Tab")
    first.focus()
    expect(preview(page)).to_contain_text("buy")
    page.keyboard.press("Tab")
    expect(preview(page)).to_contain_text("sell")
    page.keyboard.press("Escape")
    expect(preview(page)).to_have_count(0)
    page.keyboard.press("Tab")
    expect(preview(page)).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/book/glossary.html#term-*")
    page.go_back()


@pytest.mark.parametrize("kind", ["term", "figure"])
def test_a_finger_that_rests_looks_and_one_that_taps_follows(visit, kind):
    """On a phone, where nothing hovers; a tap elsewhere takes the preview away."""
    path, address, says = LINKS[kind]
    page = visit(path, width=390, height=664, touch=True, colours="dark").page
    link = come_to(page.locator(address).first)
    page.wait_for_timeout(100)
    x, y = link.evaluate(
        "it => { const { x, y, width } = it.getClientRects()[0]; return [x + width / 2, y + 12]; }"
    )
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    expect(preview(page)).to_contain_text(says)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)
    expect(preview(page)).to_be_visible()
    assert page.url.endswith(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(page, ".preview") == []
    page.touchscreen.tap(4, 100)
    expect(preview(page)).to_have_count(0)
    link.tap()
    page.wait_for_url("**#*")


def test_a_finger_gets_the_menu_of_its_browser_where_there_is_no_preview(visit):
    """And only there, from the beginning."""
    page = visit(CHAPTER, width=390, height=664, touch=True).page
    touch = page.context.new_cdp_session(page)
    menu = "it => it.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }))"
    for address, comes in (
        (LINKS["term"][1], False),
        ("main a[href^='http']", True),
        ("main h2 .headerlink", True),
    ):
        link = come_to(page.locator(address).first)
        page.wait_for_timeout(100)
        x, y = link.evaluate("it => { const { x, y } = it.getClientRects()[0]; return [x + 3, y + 8]; }")
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
        assert link.evaluate(menu) is comes
        assert page.locator(".pressed").count() == (not comes)
        touch.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})
        expect(page.locator(".pressed")).to_have_count(0)


def test_previews_come_from_a_folder_as_well(browser, firefox, site):
    """Under the content policy, with nothing said in the console."""
    for each in (browser, firefox):
        visit = open_page(each, (site / CHAPTER).as_uri(), guarded=True, settled=False)
        visit.complaints.clear()  # of fonts: see test_content_policy.py
        come_to(visit.page.locator(LINKS["term"][1]).first).hover()
        expect(preview(visit.page)).to_contain_text(LINKS["term"][2])
        visit.page.locator("figure .enlarge").first.click()
        expect(visit.page.locator("dialog.large svg")).to_be_visible()
        assert [said for said in visit.complaints if "font" not in said] == []
        visit.page.context.close()


def test_without_its_script_a_link_leads_on_as_always(visit):
    """Where the places of another page do not come, nothing else happens."""
    opened = visit(CHAPTER)
    page = opened.page
    page.route("**/_static/closer/**", lambda route: route.abort())
    link = come_to(page.locator(LINKS["term"][1]).first)
    link.hover()
    page.wait_for_timeout(500)
    expect(preview(page)).to_have_count(0)
    page.unroute("**/_static/closer/**")
    page.mouse.move(0, 0)
    link.hover()  # once the site can be reached again
    expect(preview(page)).to_be_visible()
    link.click()
    page.wait_for_url("**/book/glossary.html#term-call")


def test_nothing_more_than_a_small_script_comes_before_somebody_looks(visit):
    """The rest once, when it is asked for."""
    opened = visit(CHAPTER)
    sizes = {url.partition("/_static/")[2]: size for url, size in opened.sizes().items()}
    assert sizes["closer.js"] < 8_000
    assert not [url for url in sizes if url.startswith("closer/")]
    for _ in range(2):
        come_to(opened.page.locator(LINKS["term"][1]).first).hover()
        expect(preview(opened.page)).to_be_visible()
        opened.page.mouse.move(0, 0)
        expect(preview(opened.page)).to_have_count(0)
    assert [url for url in opened.sizes() if "/closer/" in url] == [
        opened.page.url.replace(CHAPTER, "_static/closer/book/glossary.js")
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_figure_is_enlarged_by_the_keyboard_alone(desk_at, colours):
    """It fills the window, says its caption, goes with Escape, and the focus is where it was."""
    page = desk_at(CHAPTER).page
    page.emulate_media(color_scheme=colours)
    button = page.get_by_role("button", name="Enlarge Fig. 17.2")
    small = page.locator("figure:has(.enlarge) svg").nth(1).bounding_box()
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Fig. 17.2")
    expect(dialog).to_contain_text("The same Monday, strike by strike.")
    large = dialog.locator("svg").bounding_box()
    assert large["width"] > 1.5 * small["width"]
    assert 0 < large["y"] < large["y"] + large["height"] < 900
    assert serious(page, ".large") == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_enlarge_works_while_words_are_marked_and_gives_the_focus_to_a_figure_that_was_drawn_again(visit):
    page = visit(CHAPTER).page
    page.evaluate("getSelection().selectAllChildren(document.querySelector('main h1'))")
    cell = page.locator(".cell:has(figure .enlarge)").first
    cell.locator(".enlarge").first.click()
    expect(page.locator("dialog.large")).to_be_visible()
    cell.evaluate(
        "it => { for (const old of it.querySelectorAll('figure')) old.replaceWith(old.cloneNode(true)); }"
    )
    page.keyboard.press("Escape")
    expect(page.locator("dialog.large")).to_be_hidden()
    expect(cell.locator(".enlarge").first).to_be_focused()


def test_a_click_on_a_figure_enlarges_it_and_one_on_the_cross_closes_it(phone_at):
    """On a phone it is larger than the window, in a box that scrolls, also from the keyboard."""
    page = phone_at(CHAPTER).page
    page.locator("figure .figure-box").first.tap()
    drawing = page.locator("dialog.large[open] .figure-box")
    expect(drawing).to_have_attribute("tabindex", "0")
    assert drawing.locator("svg").bounding_box()["width"] > 600
    assert serious(page, ".large") == []
    page.get_by_role("button", name="Close").tap()
    expect(drawing).to_be_hidden()
    expect(page.locator("figure .enlarge").first).to_be_focused()


def test_a_citation_is_copied(visit):
    """From the keyboard; as text and as BibTeX; where there is no clipboard, it is marked."""
    page = visit(CHAPTER).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".cite summary").focus()
    page.keyboard.press("Enter")
    for begins in ("The authors of", "@misc{dynamic_hedging_"):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator(".cite [role=status]").filter(has_text="Copied.")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(begins)
        assert "October 1987" in copied
        page.evaluate("navigator.clipboard.writeText('')")
        page.locator(".cite [role=status]").evaluate_all("all => all.forEach((it) => (it.textContent = ''))")
    assert serious(page, ".cite") == []
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy as text").click()
    assert page.evaluate("getSelection().toString()").startswith("The authors of")
