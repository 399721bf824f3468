"""The explorers as a part of their page: its address, its colours, its width, paper, and no JavaScript."""

from __future__ import annotations

import pytest
from driving import EXPLORERS, PAGE, computed, differing, explorers_on
from playwright.sync_api import Page, expect

from hedgelab.explorers.controls import written

#: Addresses that say nothing that an explorer would have to do; the last sets the day, and no more.
NONSENSE = [
    "one-path:day=64", "one-path:day=-1", "one-path:day=20.5", "one-path:day=", "one-path:day", "one-path:day=NaN",
    "one-path:every=1.5", "one-path:volatility=Infinity", "one-path:volatility=abc", "one-path:shocks=1.5",
    "one-path:shocks=-1", "one-path:shocks=99999999999", "one-path:policy=whim", "one-path:path=%E0%A4%A",
    "one-path:nobody=3;__proto__=1;constructor=2", "one-path", "one-path:", "one-path:;;==;", "nobody:day=3",
    "ONE-PATH:day=3", "%", "%5B", "&&:::&", "]'\"<b>", "you-hedge:held=1,2,a",
    "you-hedge:held=" + "1," * 30 + "1", "one-path:day=30;every=%;nobody=1",
]  # fmt: skip


def parts(page: Page) -> list[str]:
    """The parts of the address's fragment."""
    return page.evaluate("location.hash").removeprefix("#").split("&")


def test_a_link_shows_somebody_else_the_same(desk, visit):
    """Each explorer has its own part of the address; there too Reset goes back to what the book shows."""
    ours = {name: desk(name) for name in EXPLORERS}
    defaults = {name: explorer.state() for name, explorer in ours.items()}
    ours["how-often"].control("charged").check()
    ours["how-often"].control("rebalances").press("ArrowRight")
    path = ours["one-path"]
    path.control("path").select_option("october_1987")
    path.control("policy").select_option("band")
    for slider, value in {"half_width": "0.12", "hedge_volatility": "0.65", "day": "33"}.items():
        path.control(slider).fill(value)
    path.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    path.find("[data-do=share]").click()
    expect(path.find("[data-do=share]")).to_have_text("Copied")
    address = path.page.evaluate("navigator.clipboard.readText()")
    assert address == path.page.url
    sent = {name: explorer.agrees() for name, explorer in ours.items()}
    assert {name for name in EXPLORERS if sent[name] != defaults[name]} == {"one-path", "how-often"}

    opened = visit(PAGE + address[address.index("#") :])
    theirs = explorers_on(opened.page)
    assert {name: explorer.agrees() for name, explorer in theirs.items()} == sent
    assert theirs["one-path"].reset() == defaults["one-path"]
    assert theirs["how-often"].state() == sent["how-often"]
    assert [part.partition(":")[0] for part in parts(opened.page)] == ["how-often"]
    assert opened.complaints == []


def test_an_address_says_all_that_is_not_as_in_the_book(desk):
    """So what a new address leaves out is as in the book."""
    explorer = desk("one-path")
    defaults = explorer.state()
    explorer.page.evaluate("location.hash = '#one-path:volatility=0.5;day=20'")
    assert differing(defaults, explorer.agrees()) == {"volatility", "day"}
    explorer.page.evaluate("location.hash = '#one-path:day=30'")
    assert differing(defaults, explorer.agrees()) == {"day"}


def test_a_change_leaves_the_other_parts_of_the_address_alone(desk):
    explorer = desk("how-often")
    others = ["anatomy:spot=90", "one-path:day=20;policy=band"]
    explorer.page.evaluate("(others) => { location.hash = others.join('&'); }", others)
    explorer.control("rebalances").press("ArrowRight")
    assert parts(explorer.page) == [*others, "how-often:rebalances=26"]
    explorer.reset()
    assert parts(explorer.page) == others


def test_nonsense_in_the_address_is_ignored(desk):
    """Nothing changes, nobody complains, and the explorer goes on working."""
    explorer, game = desk("one-path"), desk("you-hedge")
    defaults, taken = explorer.state(), {}
    for fragment in NONSENSE:
        explorer.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)
        taken[fragment] = sorted(differing(defaults, explorer.agrees()))
        assert game.agrees()["settings"]["held"] == ""
        explorer.reset()
    assert taken == {fragment: [] for fragment in NONSENSE} | {NONSENSE[-1]: ["day"]}
    explorer.control("day").press("ArrowLeft")
    assert differing(defaults, explorer.agrees()) == {"day"}


def test_explorers_start_whatever_the_address(visit):
    """What is right in it is taken."""
    opened = visit(
        PAGE + "#one-path:day=20;every=%E0%A4%A&how-often:rebalances=17;charged=maybe&anatomy:spot=90&%"
    )
    shown = {name: explorer.agrees()["settings"] for name, explorer in explorers_on(opened.page).items()}
    assert opened.complaints == []
    assert shown["how-often"] == {
        name: control.default_value for name, control in EXPLORERS["how-often"].controls().items()
    }
    assert (shown["one-path"]["day"], shown["one-path"]["every"], shown["anatomy"]["spot"]) == (20, 1, 90)


def test_without_javascript_a_picture_stands_in_the_place(visit):
    """With its description and its numbers, and without controls that would do nothing."""
    page = visit(PAGE, javascript=False).page
    for name, kind in EXPLORERS.items():
        explorer = page.locator(f"hedge-explorer#{name}")
        stage = explorer.locator(".explorer-stage[role=img]")
        assert stage.get_attribute("aria-label") == kind.alt
        expect(stage.locator("svg")).to_be_visible()
        assert stage.locator("svg").bounding_box()["height"] > 250
        expect(explorer.locator(":is(input, select, button):visible")).to_have_count(0)
        defaults = {control: trait.default_value for control, trait in kind.controls().items()}
        for number, value in computed(name, defaults).items():
            shown = explorer.locator(f"[data-number={number}]")
            assert float(shown.get_attribute("data-value")) == pytest.approx(value, rel=1e-12, abs=1e-12)
            expect(shown).to_have_text(written(value, kind.readouts[number][1]))


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_when_the_explorers_come_alive(visit, width):
    """In a window so high that all explorers are in it; letters may settle by a few pixels in their line."""
    page = visit(PAGE, width=width, height=9000, late=1.5).page
    explorers_on(page)
    assert [(what, down) for what, down in page.evaluate("probes.moved()") if abs(down) > 6] == []


def test_charts_are_painted_in_the_colours_of_the_page(desk):
    """Whether the system changes them or the reader."""
    page = desk("anatomy").page
    button = page.locator(".theme-button")

    def is_painted(these: list[str], not_these: list[str]) -> bool:
        page.evaluate("probes.drawn()")
        counts = [page.evaluate("(colours) => probes.painted(colours)", colours) for colours in (these, not_these)]
        return min(counts[0]) > 20 and max(counts[1]) == 0

    light = page.evaluate("probes.colours()")
    button.click()
    dark = page.evaluate("probes.colours()")
    assert not set(light) & set(dark)
    assert is_painted(dark, light)
    button.click()
    assert is_painted(light, dark)
    button.click()
    page.emulate_media(color_scheme="dark")
    assert is_painted(dark, light)
    page.emulate_media(color_scheme="light")
    assert is_painted(light, dark)


def test_on_paper_there_are_figures_without_controls(desk):
    explorers = [desk(name) for name in EXPLORERS]
    explorers[0].page.emulate_media(media="print")
    for explorer in explorers:
        expect(explorer.find(":is(input, select, button):visible")).to_have_count(0)
        expect(explorer.find(".explorer-says")).to_be_visible()
        assert all(canvas.bounding_box()["height"] > 80 for canvas in explorer.find("canvas").all())
    explorers[0].page.emulate_media(media="screen")


def test_a_dark_page_is_printed_light(desk):
    """Ink is dark, and a canvas does not change its colours on the way to the paper."""
    page = desk("anatomy").page
    drawing = "document.querySelector('#anatomy canvas').toDataURL()"
    light = page.evaluate(drawing)
    page.emulate_media(color_scheme="dark")
    page.evaluate("probes.drawn()")
    dark = page.evaluate(drawing)
    page.evaluate(
        "addEventListener('beforeprint', async () => {"
        f" for (let turn = 0; turn < 9; turn++) await null; window.printed = {drawing}; }}, {{ once: true }})"
    )
    page.pdf()
    printed, left = page.evaluate("printed"), page.evaluate(drawing)
    page.emulate_media(color_scheme="light")
    assert printed == light != dark
    assert left == dark


@pytest.mark.parametrize("name", EXPLORERS)
def test_on_a_phone_a_thumb_meets_every_control_and_nothing_is_cut_off(phone, name):
    """As it comes, and with all sliders at one end and at the other, for every choice of the menus."""
    explorer, cut = phone(name), {}
    assert explorer.root.evaluate("it => probes.small(it)") == []

    def look(when: str) -> None:
        explorer.page.evaluate("probes.drawn()")
        cut[when] = explorer.root.evaluate("it => probes.cut(it)")

    look("as it comes")
    for end in ("max", "min"):
        for slider in explorer.each_slider():
            explorer.control(slider).fill(explorer.control(slider).get_attribute(end))
        look(end)
        for menu in explorer.find("select").all():
            for option in menu.locator("option").all():
                menu.select_option(option.get_attribute("value"))
                look(f"{end}, {option.inner_text()}")
    assert {when: what for when, what in cut.items() if what} == {}
