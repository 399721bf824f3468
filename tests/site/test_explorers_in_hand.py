"""The explorers driven by mouse, keyboard and touch, and held to the numbers that Python computes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from driving import EXPLORERS, PAGE, PROBES, Driven, computed, differing, explorers_on
from playwright.sync_api import expect

from hedgelab.explorers.controls import Choice, Draw, Moves, Pick, Ranged

each_explorer = pytest.mark.parametrize("name", EXPLORERS)

#: Whose control has the focus, and its name.
FOCUS = """(() => {
    const { name, dataset } = document.activeElement;
    const owner = document.activeElement.closest("hedge-explorer")?.id;
    return [owner, name || dataset.draw || dataset.append || dataset.do || "play"];
})()"""


@each_explorer
def test_every_slider_follows_the_mouse_and_axes_hold_still_when_it_is_let_go(desk, name):
    """It stays where it is, whatever the words above it say; an axis stays as wide as one end has made it."""
    explorer = desk(name)
    mouse = explorer.page.mouse
    first, moved = explorer.root.evaluate("it => probes.axes(it)"), {}
    for slider in explorer.each_slider():
        start, low, high, between = explorer.along(slider, explorer.thumb(slider), 0.05, 0.95, 0.3)
        mouse.move(*start)
        mouse.down()
        mouse.move(*low, steps=4)
        at_low, place = explorer.agrees(), explorer.control(slider).bounding_box()
        mouse.move(*high, steps=4)
        at_high = explorer.agrees()
        mouse.move(*between, steps=4)
        explorer.state()
        held = explorer.root.evaluate("it => probes.axes(it)")
        mouse.up()
        explorer.state()
        moved[slider] = explorer.root.evaluate("it => probes.axes(it)") != held
        assert at_low["settings"][slider] < at_high["settings"][slider]
        assert differing(at_low, at_high) == {slider}
        assert explorer.control(slider).bounding_box() == pytest.approx(place, abs=0.5)
    assert moved == dict.fromkeys(moved, False)
    explorer.reset()
    assert explorer.root.evaluate("it => probes.axes(it)") == first


def ends(control: Ranged) -> tuple[float, float, float, float]:
    """The two lowest values of a slider but one, and the two highest."""
    if isinstance(control, Pick):
        return control.values[0], control.values[2], control.values[-3], control.values[-1]
    return control.low, control.low + 2 * control.step, control.high - 2 * control.step, control.high


@each_explorer
def test_every_control_answers_the_keyboard(desk, name):
    """Tab goes through them in the order in which they stand; Reset undoes it all."""
    explorer = desk(name)
    keyboard = explorer.page.keyboard
    defaults, reached = explorer.agrees(), []

    def after(*keys: str) -> Any:
        for key in keys:
            keyboard.press(key)
        return explorer.agrees()["settings"].get(reached[-1])

    explorer.find(".explorer-question").click()
    while "reset" not in reached:
        keyboard.press("Tab")
        owner, focus = explorer.page.evaluate(FOCUS)
        assert owner == name
        reached.append(focus)
        control = explorer.controls.get(focus)
        if isinstance(control, Ranged):
            lowest, low, high, highest = ends(control)
            assert after("End") == highest
            assert after("ArrowLeft", "ArrowDown") == pytest.approx(high)
            assert after("Home") == lowest
            assert after("ArrowRight", "ArrowUp") == pytest.approx(low)
        elif isinstance(control, Choice):
            first, *others = control.options
            assert after("Home") == first
            assert [after("ArrowDown") for _ in others] == others
            assert after("Home") == first
        elif isinstance(control, Draw):
            assert after("Enter") == control.default_value + 1
        elif isinstance(control, Moves):
            move = str(explorer.state()["settings"][control.source])
            moves = 1 if reached.count(focus) == 1 else control.most  # the second button makes all that are left
            assert after("Enter") == ",".join([move] * moves)
        elif control:
            assert after("Space") is not control.default_value
    enabled = [each for each in explorer.controls if explorer.control(each).is_enabled()]
    assert list(dict.fromkeys(each for each in reached if each in explorer.controls)) == enabled
    keyboard.press("Enter")
    assert explorer.agrees() == defaults


@each_explorer
def test_every_control_answers_a_finger(phone, name):
    """A slider goes where it is tapped and follows a finger sideways; buttons, menus and switches take a tap."""
    explorer = phone(name)
    defaults = explorer.agrees()
    for slider in explorer.each_slider():
        places = explorer.along(slider, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75)
        explorer.page.touchscreen.tap(*places[0])
        tapped = explorer.agrees()
        near = max(0.04, 0.51 * explorer.stride(slider))  # a slider with few places goes to the nearest
        assert explorer.thumb(slider) == pytest.approx(0.3, abs=near)
        explorer.swipe(places)
        assert differing(tapped, explorer.agrees()) == {slider}
        assert explorer.thumb(slider) == pytest.approx(0.75, abs=near)
    for button in explorer.find("[data-draw], [data-append], .explorer-switch label").all():
        before = explorer.state()
        explorer.bring(button)
        button.tap()
        after = explorer.agrees()
        assert differing(before, after)
        assert after["numbers"] != before["numbers"] or after["settings"].get("hint")
    explorer.bring(explorer.find("[data-do=reset]"))
    explorer.find("[data-do=reset]").tap()
    assert explorer.agrees() == defaults


def test_a_finger_that_scrolls_the_page_leaves_the_sliders_alone_on_which_it_lands(phone):
    explorer = phone("price-of-certainty")
    for slider in explorer.each_slider():
        before, top = explorer.state(), explorer.page.evaluate("scrollY")
        [(x, y)] = explorer.along(slider, 0.9)
        explorer.swipe([(x, y - 15 * k) for k in range(12)])
        explorer.page.wait_for_function("top => scrollY !== top", arg=top)
        assert differing(before, explorer.state()) == set()


def test_a_finger_that_scrolls_the_page_leaves_the_day_alone_over_which_it_goes(phone):
    """On each chart, up and down, straight and a little slanting, also at a page's end where nothing scrolls."""
    for name in ("one-path", "gamma-theta"):
        explorer = phone(name)
        explorer.control("day").fill("20")
        before = explorer.state()
        for chart in explorer.find(".u-over").all():
            for slant, way in ((0, -15), (4, -15), (0, 15)):
                [(x, y)] = explorer.on_chart(chart, 40)
                top = explorer.page.evaluate("scrollY")
                explorer.swipe([(x + slant * k, y + way * k) for k in range(12)])
                explorer.page.wait_for_function("top => scrollY !== top", arg=top)
                assert differing(before, explorer.state()) == set()
    explorer.page.evaluate("document.body.style.overflow = document.documentElement.style.overflow = 'hidden'")
    [(x, y)] = explorer.on_chart(explorer.find(".u-over").first, 40)
    explorer.swipe([(x, y - 15 * k) for k in range(8)])
    assert differing(before, explorer.state()) == set()
    explorer.page.evaluate("document.body.style.overflow = document.documentElement.style.overflow = ''")


def test_a_tap_on_a_chart_chooses_its_day(phone):
    explorer = phone("one-path")
    [place] = explorer.on_chart(explorer.find(".u-over").nth(1), 30)
    explorer.page.touchscreen.tap(*place)
    assert explorer.agrees()["settings"]["day"] == 30


SIZES = {"a laptop": (1366, 650), "a phone": (390, 664), "a phone on its side": (844, 390)}


@pytest.mark.parametrize("size", SIZES)
def test_the_figure_is_in_sight_of_whoever_moves_a_control(explorers, size):
    """Reached with the keyboard, or scrolled to the window's lower end, or as far up as it goes."""
    width, height = SIZES[size]
    page = explorers(width=width, height=height, touch=size != "a laptop").page
    page.add_script_tag(path=PROBES)
    hidden = {}
    for name in EXPLORERS:
        explorer = Driven(page, name)
        explorer.reset()
        for _ in explorer.arrangements():
            if apart := explorer.root.evaluate("it => probes.apart(it)"):
                hidden[name] = apart
    assert hidden == {}


@each_explorer
def test_axes_and_controls_hold_still_while_a_slider_moves(phone, name):
    """There and back the axes may widen; there once more they may not.  The slider stays under the finger."""
    explorer, labels, tops = phone(name), {}, {}
    there = [0, 0.25, 0.5, 0.75, 1]
    for slider in explorer.each_slider():
        seen = explorer.control(slider).evaluate(
            "(it, places) => probes.held(it, places)", there + there[::-1] + there
        )
        labels[slider] = len({text for text, _ in seen[-len(there) :]})
        tops[slider] = len({top for _, top in seen})
    assert labels == dict.fromkeys(labels, 1)
    assert tops == dict.fromkeys(tops, 1)


def test_the_day_follows_the_mouse_along_each_chart(desk):
    explorer = desk("one-path")
    mouse = explorer.page.mouse
    for chart in explorer.find(".u-over").all():
        first, last = explorer.on_chart(chart, 20, 41)
        mouse.move(*first)
        mouse.down()
        assert explorer.agrees()["settings"]["day"] == 20
        mouse.move(*last, steps=3)
        mouse.up()
        mouse.move(*first)
        assert explorer.agrees()["settings"]["day"] == 41


def test_the_day_follows_a_finger_along_the_chart(phone):
    explorer = phone("one-path")
    explorer.swipe(explorer.on_chart(explorer.find(".u-over").first, 20, 25, 30, 35, 41))
    assert explorer.agrees()["settings"]["day"] == 41


@pytest.mark.parametrize("name", ["one-path", "gamma-theta"])
def test_play_moves_the_day_until_it_is_paused_reset_or_over(desk, name):
    explorer = desk(name)
    button, page = explorer.find("[data-play=day]"), explorer.page
    reaches = f"day => document.querySelector('#{name} [name=day]').valueAsNumber >= day"
    expect(button).to_have_text("Play")
    button.click()
    expect(button).to_have_text("Pause")
    page.wait_for_function(reaches, arg=3)
    button.click()
    expect(button).to_have_text("Play")
    paused = explorer.agrees()
    assert 3 <= paused["settings"]["day"] < 40
    page.wait_for_timeout(250)
    assert explorer.state() == paused

    explorer.control("day").fill("60")
    button.click()
    page.wait_for_function(reaches, arg=63)
    expect(button).to_have_text("Play")

    button.click()
    expect(button).to_have_text("Pause")
    explorer.reset()
    expect(button).to_have_text("Play")
    page.wait_for_timeout(250)
    assert explorer.agrees()["settings"]["day"] == explorer.controls["day"].default_value


@pytest.mark.parametrize(
    ("name", "plays"), [("smile-follows", "move"), ("flash-crash", "share"), ("limits-in-a-crash", "back")]
)
def test_play_goes_by_the_numbers_of_its_slider(desk, name, plays):
    """Also where these are fractions: what stands in the address is what the page takes from it."""
    explorer = desk(name)
    button, slider = explorer.find(f"[data-play={plays}]"), explorer.control(plays)
    start = slider.evaluate("it => it.valueAsNumber")
    button.click()
    further = "(it, start) => it.valueAsNumber > start + 5 * it.step"
    while not slider.evaluate(further, start):
        explorer.page.wait_for_timeout(30)
    button.click()
    expect(button).to_have_text("Play")
    assert f"{plays}={slider.input_value()}" in explorer.page.evaluate("location.hash")
    explorer.reset()


def test_what_a_hand_on_a_chart_has_set_stands_in_the_address(desk):
    explorer = desk("one-path")
    mouse = explorer.page.mouse
    places = explorer.on_chart(explorer.find(".u-over").first, 20, 30, 41)
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place)
    mouse.up()
    assert "day=41" in explorer.page.evaluate("location.hash")
    explorer.reset()


@pytest.mark.parametrize("name", ["one-path", "gamma-theta"])
def test_play_yields_to_the_hand(desk, name):
    """Whether it takes hold of the slider, by mouse or keyboard, or of a chart."""
    explorer = desk(name)
    button, mouse = explorer.find("[data-play=day]"), explorer.page.mouse

    def hands():
        [place] = explorer.along("day", 0.5)
        mouse.move(*place)
        mouse.down()
        yield "mouse"
        mouse.up()
        explorer.control("day").press("ArrowRight")
        yield "keyboard"
        if name == "one-path":  # whose charts take a hand
            [place] = explorer.on_chart(explorer.find(".u-over").first, 30)
            mouse.move(*place)
            mouse.down()
            yield "chart"
            mouse.up()

    def play():
        explorer.control("day").fill("3")
        button.click()
        explorer.page.wait_for_function(f"document.querySelector('#{name} [name=day]').valueAsNumber > 4")

    play()
    for _hand in hands():
        expect(button).to_have_text("Play")
        before = explorer.state()
        explorer.page.wait_for_timeout(250)
        assert explorer.agrees() == before
        play()
    explorer.reset()


@pytest.mark.parametrize("size", SIZES)
def test_every_chart_has_two_labels_on_its_upright_axis(explorers, size):
    width, height = SIZES[size]
    page = explorers(width=width, height=height, touch=size != "a laptop").page
    page.add_script_tag(path=PROBES)
    fewest = {}
    for name in EXPLORERS:
        explorer = Driven(page, name)
        explorer.reset()
        fewest[name] = min(map(min, explorer.root.evaluate("it => probes.turned(it, 6)")))
        explorer.reset()
    assert {name: count for name, count in fewest.items() if count < 2} == {}


def test_a_beginner_meets_few_controls_and_the_beginning(visit):
    """The others stand behind a word that the keyboard opens, and come out by themselves when a link sets them."""
    page = visit(PAGE).page
    explorer = explorers_on(page)["one-path"]
    state = explorer.state()
    names = "its => its.map((it) => it.name || it.textContent)"
    shown = explorer.find("form :is(input, select, button, summary):visible").evaluate_all(names)
    assert shown == ["Play", "day", "every", "volatility", "New path", "More"]
    assert state["numbers"]["trades"] < 10
    assert state["settings"]["day"] < 10
    summary = explorer.find("summary")
    summary.focus()
    for key, is_open in (("Enter", True), ("Space", False), ("Space", True)):
        page.keyboard.press(key)
        expect(explorer.control("cost")).to_be_visible(visible=is_open)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "path"
    linked = explorers_on(visit(f"{PAGE}#one-path:policy=band").page)["one-path"]
    assert linked.agrees()["settings"]["policy"] == "band"
    expect(linked.control("half_width")).to_be_visible()


def test_at_the_end_of_the_month_the_focus_stays_where_it_was(desk):
    """And a key that is pressed too often begins no other month."""
    explorer = desk("you-hedge")
    trade = explorer.find("[data-append][data-times='1']")
    trade.focus()
    for _ in range(23):
        explorer.page.keyboard.press("Enter")
        assert explorer.page.evaluate(FOCUS) == ["you-hedge", "held"]
    state = explorer.agrees()
    assert (state["numbers"]["day"], state["settings"]["shocks"]) == (20, 1)
    expect(trade).to_be_disabled()


def board(explorer: Driven) -> list[list[str]]:
    """The table of scores, row by row."""
    explorer.state()
    return explorer.find(".explorer-board tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )


def test_the_game_keeps_scores(visit):
    """Of each month that is over, until the window is closed; a twin that is played alike is no second month."""
    opened = visit(PAGE)
    game = explorers_on(opened.page)["you-hedge"]
    assert board(game) == []
    rows = []
    for month in (1, 2, 3):
        game.find("[data-append]").nth(1).click()
        written = game.agrees()["written"]
        rows.append(
            [str(month), *(written[each] for each in ("pnl", "algorithm", "typical", "typical_algorithm"))]
        )
        assert board(game) == rows
        game.find("[data-draw]").click()
    caption = game.find(".explorer-board caption")
    played = {"held": ",".join(["500"] * 20), "shares": 500, "hint": False}
    made = [computed("you-hedge", {**played, "shocks": month}) for month in (1, 2, 3)]
    ahead = sum(each["pnl"] > each["algorithm"] for each in made)
    calmer = sum(each["typical"] < each["typical_algorithm"] for each in made)
    expect(caption).to_contain_text(f"ahead in {ahead} of 3")
    expect(caption).to_contain_text(f"calmer days in {calmer} of 3")
    game.reset()
    game.find("[data-append]").nth(1).click()
    assert board(game) == rows
    opened.page.reload()
    assert board(explorers_on(opened.page)["you-hedge"]) == rows
    game.find("[data-clear]").click()
    assert board(game) == []
    assert opened.complaints == []


@pytest.mark.parametrize("way", ["[data-draw]", "[data-do=reset]"])
def test_a_month_that_is_left_can_be_taken_up_again(visit, way):
    opened = visit(PAGE)
    game = explorers_on(opened.page)["you-hedge"]
    for shares in (480, 520, 510):
        game.control("shares").fill(str(shares))
        game.find("[data-append]").first.click()
    before = game.agrees()
    game.find(way).click()
    assert game.agrees()["settings"]["held"] == ""
    assert board(game) == [["1", "left on day 3 Go on with it"]]
    game.find("[data-append]").first.click()  # another has begun
    game.find("[data-resume]").click()
    after = game.agrees()
    assert [after["settings"][each] for each in ("held", "shocks")] == [
        before["settings"][each] for each in ("held", "shocks")
    ]
    assert after["numbers"] == before["numbers"]
    assert opened.page.evaluate(FOCUS) == ["you-hedge", "held"]
    assert board(game) == [["2" if way == "[data-draw]" else "1", "left on day 1 Go on with it"]]
    game.find("[data-append]").nth(1).click()
    assert [row[1].startswith("left") for row in board(game)] == [True, False]
    assert board(game)[1][0] == "1"
    assert opened.complaints == []


def test_scores_need_no_storage(visit):
    """A browser may forbid it, or hold something else in its place."""
    for spoiled in (
        "Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no'); } })",
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }",
        "try { sessionStorage.setItem('hedgelab you-hedge scores', '[{\"month\": \"<b>\"}, 7, null]'); } catch {}",
    ):
        opened = visit("index.html")
        opened.page.add_init_script(spoiled)
        opened.page.goto(opened.page.url.rpartition("/")[0] + "/" + PAGE)
        game = explorers_on(opened.page)["you-hedge"]
        game.find("[data-append]").nth(1).click()
        assert len(board(game)) == 1
        game.find("[data-draw]").click()
        game.find("[data-append]").nth(1).click()
        assert len(board(game)) == 2
        assert opened.complaints == []


def test_a_game_goes_on_day_by_day_until_it_is_over(desk):
    """With what the reader held kept, and a new game begins at the beginning."""
    explorer = desk("you-hedge")
    trade, held = explorer.find("[data-append][data-times='1']"), []
    for day in range(20):
        explorer.control("shares").fill(str(500 + 10 * day))
        trade.press("Enter")
        held.append(500 + 10 * day)
        state = explorer.agrees()
        assert state["settings"]["held"] == ",".join(map(str, held))
        assert state["numbers"]["day"] == day + 1
        assert day == 19 or state["written"]["spot"] in state["sentence"]
    expect(trade).to_be_disabled()
    assert all(state["written"][name].lstrip("−") in state["sentence"] for name in ("pnl", "algorithm", "typical"))
    explorer.find("[data-draw]").click()
    assert explorer.agrees()["numbers"]["day"] == 0
    expect(trade).to_be_enabled()
    trade.click()
    explorer.control("shares").fill("300")
    explorer.find("[data-append]:not([data-times='1'])").click()
    assert explorer.agrees()["settings"]["held"] == ",".join(["690", *["300"] * 19])


def test_an_explorer_does_not_touch_the_others(desk):
    explorers = [desk(name) for name in EXPLORERS]
    page = explorers[0].page
    of_all = """async (names) => {
        await probes.drawn();
        return names.map((name) => probes.state(document.getElementById(name)));
    }"""
    states = [page.evaluate(of_all, list(EXPLORERS))]
    for explorer in explorers:
        explorer.nudge(explorer.sliders()[0])
        states.append(page.evaluate(of_all, list(EXPLORERS)))
    for place, (before, after) in enumerate(pairwise(states)):
        assert [k for k in range(len(explorers)) if before[k] != after[k]] == [place]


@each_explorer
def test_two_of_a_kind_do_not_share_their_state(desk, name):
    """As if a page had the same explorer twice."""
    explorer = desk(name)
    before = explorer.state()
    explorer.root.evaluate(
        """(it, name) => {
            const twin = it.outerHTML.replace(RegExp(`(for|id)="${name}`, "g"), `$1="${name}-2`);
            const charts = /<div class="explorer-chart.*(?=<p class="explorer-says)/s;
            it.insertAdjacentHTML("afterend", twin.replace(charts, "</div>"));
        }""",
        name,
    )
    twin = Driven(explorer.page, f"{name}-2")
    assert twin.state() == before
    for draw in twin.find("[data-draw]").all():
        draw.click()
    twin.control(explorer.sliders()[0]).press("ArrowLeft")
    assert twin.state() != before
    assert explorer.agrees() == before
    twin.find("[data-do=reset]").click()
    twin.root.evaluate("it => it.remove()")


def test_the_sentence_changes_for_those_who_hear_the_page(desk):
    for name in EXPLORERS:
        explorer = desk(name)
        assert explorer.find(".explorer-says").get_attribute("aria-live") == "polite"
        before = explorer.agrees()["sentence"]
        explorer.nudge(explorer.sliders()[0])
        assert explorer.agrees()["sentence"] != before
