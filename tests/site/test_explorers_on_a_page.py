"""The explorers as a part of their page: its address, its colours, its width, paper, and no JavaScript."""

from __future__ import annotations

import pytest
from driving import EXPLORERS, PAGE, computed, differing, explorers_on
from playwright.sync_api import Page, expect

from hedgelab.explorers.base import STATIC, STILL
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
    page = visit(PAGE, width=width, height=13000, late=1.5).page
    explorers_on(page)
    assert [(what, down) for what, down in page.evaluate("probes.moved()") if abs(down) > 6] == []


def test_charts_are_painted_in_the_colours_of_the_page(desk):
    """Every line, dot and bar, whether the system changes them or the reader."""
    explorers = [desk(name) for name in EXPLORERS]
    page = explorers[0].page
    button = page.locator(".theme-button")

    def lacking(colours: str) -> dict[str, dict[str, int]]:
        found = {explorer.name: explorer.lacking(colours) for explorer in explorers}
        return {name: what for name, what in found.items() if what}

    assert lacking("light") == {}
    button.click()
    assert lacking("dark") == {}
    button.click()
    assert lacking("light") == {}
    button.click()
    page.emulate_media(color_scheme="dark")
    assert lacking("dark") == {}
    page.emulate_media(color_scheme="light")
    assert lacking("light") == {}


def test_no_colour_needs_a_browser_of_this_year(site):
    """To a canvas, which takes no function of the page's, and to a browser of two years ago, which knows none."""
    assert "light-dark(" not in (site / "book" / "explorers.html").read_text("utf8")
    assert "light-dark(" not in (STATIC / "explorers.css").read_text("utf8")


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


# A reader's place: nothing but a link that has just brought them may take them to an explorer.


def resting(page: Page) -> float:
    """Where the page stands, once it stands still."""
    page.wait_for_timeout(300)
    return page.evaluate("scrollY")


def touched(page: Page) -> float:
    """Touch an explorer, go on reading three windows further down, and say where."""
    explorer = explorers_on(page)["one-path"]
    explorer.control("volatility").fill("0.5")
    explorer.control("volatility").dispatch_event("change")
    assert "one-path:" in page.evaluate("location.hash")
    page.evaluate("scrollTo({ top: scrollY + 3 * innerHeight, behavior: 'instant' })")
    return resting(page)


def test_a_reload_keeps_the_readers_place_and_settings(visit):
    page = visit(PAGE).page
    place = touched(page)
    page.reload()
    assert resting(page) == pytest.approx(place, abs=30)
    assert explorers_on(page)["one-path"].agrees()["settings"]["volatility"] == 0.5


def test_a_link_of_the_contents_leads_to_its_heading_and_back_to_where_one_was(visit):
    page = visit(PAGE).page
    place = touched(page)
    link = page.locator(".page-toc a, #pst-page-toc-nav a").first
    heading = page.locator(link.get_attribute("href"))
    link.click()
    resting(page)
    assert heading.evaluate("it => it.getBoundingClientRect().top") == pytest.approx(72, abs=40)
    page.go_back()
    assert resting(page) == pytest.approx(place, abs=30)
    page.go_forward()
    resting(page)
    assert heading.evaluate("it => it.getBoundingClientRect().top") == pytest.approx(72, abs=40)


def test_the_way_back_from_another_page_leads_to_where_one_was(visit):
    page = visit(PAGE).page
    place = touched(page)
    page.goto(page.url.partition("#")[0].replace("explorers", "preface"))
    page.go_back()
    assert resting(page) == pytest.approx(place, abs=30)


def test_a_shared_link_leads_to_its_explorer_once(visit):
    """The last that it names, alive at once, below what covers the window's top; not again after a reload."""
    page = visit(f"{PAGE}#how-often:rebalances=26&price-of-certainty:cost=0.002").page
    explorer = explorers_on(page)["price-of-certainty"]
    resting(page)
    assert 50 < explorer.root.evaluate("it => it.getBoundingClientRect().top") < 140
    assert explorer.find("canvas").count() == 1
    page.evaluate("scrollTo({ top: 500, behavior: 'instant' })")
    page.reload()
    assert resting(page) == pytest.approx(500, abs=30)


def test_a_link_within_the_page_leads_to_an_explorer_and_back(visit):
    page = visit(PAGE).page
    page.evaluate("""document.querySelector("h1").innerHTML = "<a href='#gamma-theta:realised=0.3'>try</a>" """)
    page.locator("h1 a").click()
    explorer = explorers_on(page)["gamma-theta"]
    resting(page)
    assert 50 < explorer.root.evaluate("it => it.getBoundingClientRect().top") < 140
    assert explorer.agrees()["settings"]["realised"] == 0.3
    page.go_back()
    assert resting(page) == pytest.approx(0, abs=30)


# Each starts when it comes near.


def test_a_far_explorer_is_a_picture_until_it_comes_near(visit):
    opened = visit(PAGE)
    far = opened.page.locator("hedge-explorer#price-of-certainty")
    opened.page.wait_for_timeout(500)
    expect(far.locator(".explorer-stage > svg")).to_be_attached()
    expect(far.locator("canvas")).to_have_count(0)
    expect(far.locator(".explorer-says")).to_have_text(STILL)
    far.evaluate("it => it.scrollIntoView({ behavior: 'instant' })")
    expect(far.locator("canvas")).to_have_count(1)
    expect(far.locator(".explorer-stage > svg")).to_have_count(0)
    assert opened.complaints == []


@pytest.mark.parametrize("hand", ["focus", "draw", "reset"])
def test_a_hand_or_a_key_on_a_far_explorer_starts_it(visit, hand):
    """Without an event lost, also where no scrolling has told that it comes near."""
    page = visit(PAGE).page
    far = page.locator("hedge-explorer#price-of-certainty")
    assert far.locator("canvas").count() == 0
    act = {
        "focus": "it => it.querySelector('input[name=cost]').focus({ preventScroll: true })",
        "draw": "it => it.querySelector('[data-draw]').click()",
        "reset": "it => it.querySelector('[data-do=reset]').click()",
    }[hand]
    assert far.evaluate(f"it => {{ ({act})(it); return it.querySelectorAll('canvas').length; }}") == 1
    explorer = explorers_on(page)["price-of-certainty"]
    assert explorer.agrees()["settings"]["shocks"] == (2 if hand == "draw" else 1)


# What takes long is computed beside the page.

NO_WORKERS = {
    "none": "delete window.Worker;",
    "refused at once": "window.Worker = class { constructor() { throw new DOMException('', 'SecurityError'); } };",
    "refused later": """window.Worker = class {
        constructor() { setTimeout(() => this.onerror(new Event("error", { cancelable: true }))); }
        postMessage() {}
        terminate() {}
    };""",
}


@pytest.mark.parametrize("how", NO_WORKERS)
def test_where_workers_are_refused_the_page_computes_between_other_things(browser, address, how):
    page = browser.new_page(bypass_csp=True)
    page.add_init_script(NO_WORKERS[how])
    page.goto(f"{address}{PAGE}#how-often:rebalances=252")
    explorer = explorers_on(page)["how-often"]
    explorer.agrees()
    longest = explorer.root.evaluate(
        """async (it) => {
            const tasks = [];
            new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
            it.querySelector("[data-draw]").click();
            await probes.drawn();
            await new Promise((done) => setTimeout(done, 100));
            return Math.max(0, ...tasks.map(({ duration }) => duration));
        }"""
    )
    assert explorer.agrees()["settings"]["shocks"] == 2
    assert longest < 200  # all of it takes longer at one go, and a slice should take 8
    page.close()


def test_a_page_from_a_file_computes_in_a_worker_too(browser, site):
    page = browser.new_page(bypass_csp=True)
    workers = []
    page.on("worker", lambda worker: workers.append(worker))
    page.goto((site / PAGE).as_uri() + "#how-often:rebalances=63")
    explorer = explorers_on(page)["how-often"]
    assert explorer.agrees()["settings"]["rebalances"] == 63
    assert [worker.url.partition(":")[0] for worker in workers] == ["blob"]
    page.close()


#: A worker that hears three seconds late.
SLOW = """
const { postMessage } = Worker.prototype;
Worker.prototype.postMessage = function (...message) { setTimeout(() => postMessage.apply(this, message), 3000); };
"""


def test_numbers_never_stand_beside_settings_that_are_not_theirs(browser, address):
    """While they are computed they say so, and an answer to a question of before is not shown."""
    page = browser.new_page(bypass_csp=True)
    page.add_init_script(SLOW)
    page.goto(f"{address}{PAGE}#how-often:rebalances=10")
    explorer = explorers_on(page)["how-often"]
    explorer.agrees()
    explorer.root.evaluate(
        """it => {
            window.stood = [];
            const note = () => window.stood.push(it.querySelector("[data-number=law]").textContent);
            new MutationObserver(note).observe(it, { subtree: true, childList: true, characterData: true });
        }"""
    )
    for value in ("2", "4", "8"):
        explorer.control("rebalances").fill(value)
        explorer.control("rebalances").dispatch_event("change")
        page.wait_for_timeout(100)
    expect(explorer.find(".explorer-says")).to_have_text("Being computed …")
    expect(explorer.find("[data-number=deviation]")).to_have_text("…")
    assert explorer.find(".explorer").get_attribute("aria-busy") == "true"
    shown = explorer.agrees()
    assert shown["settings"]["rebalances"] == 13
    laws = [computed("how-often", shown["settings"] | {"rebalances": passed})["law"] for passed in (3, 5)]
    assert not {written(law, "dollars") for law in laws} & set(page.evaluate("stood"))
    page.close()
