"""The explorers in Python: what they refuse, what they say of themselves, and the HTML that they write."""

import base64
import gzip
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hedgelab import explorers
from hedgelab.explorers import Anatomy, GammaTheta, OnePath, base
from hedgelab.explorers.controls import STYLES, Choice, Count, Draw, Moves, Pick, Ranged, Slider, Switch, written

ROOT = Path(__file__).parents[2]
EXPLORERS = [getattr(explorers, name) for name in explorers.__all__ if name != "Explorer"]
CONTROLS = [(explorer, name) for explorer in EXPLORERS for name in explorer.controls()]

each_explorer = pytest.mark.parametrize("explorer", EXPLORERS)
each_control = pytest.mark.parametrize(("explorer", "name"), CONTROLS)


@pytest.fixture(scope="module")
def made():
    """One of each explorer."""
    return {explorer: explorer() for explorer in EXPLORERS}


def put(explorer, values):
    for name, value in values.items():
        setattr(explorer, name, value)
    return explorer


# Bad input.


def refused(control):
    """Values that a control must refuse, and what it must say of each."""
    if isinstance(control, Slider | Count):
        limits = f"must be between {control.low:g} and {control.high:g}, got"
        yield from [(control.low - control.step, limits), (control.high + control.step, limits), (1e300, limits)]
        yield from [(np.nan, "must be finite, got nan"), (-np.inf, "must be finite, got -inf")]
        a_number = "must be a number or an array of numbers, got"
        yield from [("0.3", f"{a_number} '0.3'"), (True, f"{a_number} True"), ({}, f"{a_number} {{}}")]
        yield [control.low], "must be one number, got an array of shape (1,)"
    if isinstance(control, Count):
        yield control.low + 0.5, f"must be a whole number, got {control.low + 0.5}"
    if isinstance(control, Pick):
        one_of = f"must be one of {', '.join(map(str, control.values))}, got"
        for value in (-1, control.values[0] + 0.5, np.nan, np.inf, "21", None, [1], True, {}):
            yield value, f"{one_of} {value!r}"
        yield np.array([1, 2]), f"{one_of} array([1, 2])"
    if isinstance(control, Choice):
        one_of = f"must be one of {', '.join(map(repr, control.options))}, got"
        for value in ("straddle", "", " call", None, 3, [], {}):
            yield value, f"{one_of} {value!r}"
    if isinstance(control, Switch):
        for value in (1, 0.0, "True", None, [True]):
            yield value, f"must be True or False, got {value!r}"
    if isinstance(control, Draw):
        for value in (-1, 1.5, 1.0, np.nan, "1", None, True, [1]):
            yield value, f"must be a whole number of at least 0, got {value!r}"
        yield 2**31, f"must be at most {2**31 - 1}, got {2**31}"
    if isinstance(control, Moves):
        rule = f"must be at most {control.most} whole numbers with commas between, got"
        too_many = ",".join(["1"] * (control.most + 1))
        for value in ("500,", ",500", "500;1", "1.5", "-1", " 1", "1\n", "\u0663", "1e2", too_many, None, 5, [5]):
            yield value, f"{rule} {value!r}"


REFUSED = [
    pytest.param(explorer, name, value, rule, id=f"{explorer.name}-{name}-{value!r}")
    for explorer, name in CONTROLS
    for value, rule in refused(explorer.controls()[name])
]


@pytest.mark.parametrize(("explorer", "name", "value", "rule"), REFUSED)
def test_a_bad_value_is_refused_by_name_value_and_rule_and_changes_nothing(made, explorer, name, value, rule):
    before = made[explorer].settings
    with pytest.raises(ValueError, match=f"^{re.escape(f'{name} {rule}')}"):
        setattr(made[explorer], name, value)
    assert made[explorer].settings == before


@each_control
def test_no_explorer_is_made_with_a_bad_value(explorer, name):
    value, rule = next(refused(explorer.controls()[name]))
    with pytest.raises(ValueError, match=f"^{re.escape(f'{name} {rule}')}"):
        explorer(**{name: value})


@each_explorer
def test_an_unknown_control_is_refused_with_the_controls_there_are(explorer):
    message = f"{explorer.__name__} has no control 'volatilty'; it has {', '.join(explorer.controls())}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        explorer(volatilty=0.2)


# A widget.


def another(control):
    """A good value that is not the default."""
    if isinstance(control, Pick):
        return control.values[3]
    if isinstance(control, Ranged):
        return round(control.low + 3 * control.step, 9)
    if isinstance(control, Choice):
        return next(option for option in control.options if option != control.default_value)
    if isinstance(control, Moves):
        return "500,0,1000"
    return not control.default_value if isinstance(control, Switch) else Draw.LAST


@each_explorer
def test_settings_are_the_values_of_the_controls_and_make_the_same_explorer_again(shown, explorer):
    first, _, _ = shown[explorer]
    assert first.settings == {name: another(control) for name, control in explorer.controls().items()}
    again = explorer(**first.settings)
    assert again.settings == first.settings
    assert again.numbers() == first.numbers()


@each_control
def test_a_control_can_be_set_and_observed(made, explorer, name):
    control, seen = explorer.controls()[name], []
    before, value = control.default_value, another(control)
    here = put(made[explorer], {name: before})
    here.observe(seen.append, name)
    setattr(here, name, value)
    setattr(here, name, before)
    here.unobserve_all(name)
    assert [(change["name"], change["old"], change["new"]) for change in seen] == [
        (name, before, value),
        (name, value, before),
    ]


def test_numbers_of_numpy_are_taken_for_what_they_are(made):
    given = {"day": np.int64(20), "every": 3.0, "volatility": np.float32(0.5), "cost": 0, "shocks": np.uint8(2)}
    here = put(made[OnePath], given)
    assert {name: here.settings[name] for name in given} == given
    assert [type(here.settings[name]) for name in given] == [int, int, float, float, int]


def test_two_explorers_can_be_linked():
    one, other = Anatomy(volatility=0.4), GammaTheta()
    both = ipywidgets.link((one, "volatility"), (other, "realised"))
    assert other.realised == 0.4
    other.realised = 0.5
    assert one.volatility == 0.5
    one.volatility = 0.25
    assert other.realised == 0.25
    both.unlink()
    one.volatility = 0.3
    assert other.realised == 0.25


@each_explorer
def test_all_that_the_browser_needs_is_synced_to_it(made, explorer):
    state = made[explorer].get_state()
    assert {"_esm", "_css", "_kind", "_frame", "_data", *explorer.controls()} <= set(state)
    assert state["_kind"] == explorer.name
    assert state["_frame"].startswith('<div class="explorer"')


def test_without_the_built_files_an_error_says_how_to_build_them(monkeypatch, tmp_path):
    monkeypatch.setattr(base, "STATIC", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"widget\.js is missing: .* built by `make explorers`"):
        Anatomy()


def test_the_library_does_not_bring_in_widgets():
    code = "import sys, hedgelab; print({'ipywidgets', 'anywidget', 'traitlets'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_explorer_has_a_drawing_of_its_name_and_every_drawing_an_explorer():
    """Which the bundle finds by this name alone."""
    files = (ROOT / "hedgelab" / "explorers" / "javascript" / "drawings").glob("*.js")
    drawings = {path.stem: path.read_text("utf8") for path in files}
    assert set(drawings) == {explorer.name.replace("-", "_") for explorer in EXPLORERS}
    assert [name for name, code in drawings.items() if "\nexport default function " not in code] == []


@pytest.mark.parametrize("script", ["element.js", "widget.js"])
def test_a_reader_loads_at_most_100_kilobytes_compressed_once_for_all_explorers(script):
    """The site's script or the notebook's, never both, with the style that they share."""
    loaded = {name: len(gzip.compress((base.STATIC / name).read_bytes())) for name in (script, "explorers.css")}
    assert sum(loaded.values()) <= 100_000, loaded


# Numbers.


def values_of(control):
    """All values that a control takes."""
    if isinstance(control, Slider):
        return st.floats(control.low, control.high)
    if isinstance(control, Count):
        return st.integers(control.low, control.high)
    if isinstance(control, Pick | Choice):
        return st.sampled_from(control.values if isinstance(control, Pick) else list(control.options))
    if isinstance(control, Moves):
        return st.lists(st.integers(0, 99_999).map(str), max_size=control.most).map(",".join)
    return st.booleans() if isinstance(control, Switch) else st.integers(0, Draw.LAST)


@each_explorer
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_numbers_are_those_of_the_readouts_and_finite_at_any_setting(made, explorer, data):
    drawn = {name: data.draw(values_of(control), name) for name, control in explorer.controls().items()}
    numbers = put(made[explorer], drawn).numbers()
    assert set(numbers) == set(explorer.readouts)
    assert all(type(number) in (int, float) and np.isfinite(number) for number in numbers.values()), numbers


def many_values(style):
    """Numbers for which the style is meant.

    Not halfway between two roundings, where the browser goes up and Python to the even digit.
    """
    generator = np.random.default_rng(len(style))
    if style == "days":
        return [*range(-3, 300)]
    if style == "months":
        return [months / 4 for months in range(-4, 100)]
    sizes = generator.choice([-1, 1], 2000) * 10 ** generator.uniform(-9, 9, 2000)
    means = [trades / 2000 for trades in range(1, 20_000, 7) if trades % 125]  # as many as there are paths
    edges = [0.0, -0.0, 1.0, -1.0, 1e-4, 9.9999e-5, 1e5, 99999.4, 99999.6, 12345.6, 1e-300, 1e-15, 0.999999]
    tidy = [share / 1000 for share in range(-100, 1100, 5)] if style == "percent" else means
    return [*sizes.tolist(), *tidy, *edges]


@pytest.mark.parametrize("style", STYLES)
def test_a_number_is_written_alike_in_python_and_on_the_page(node, style):
    values = many_values(style)
    assert [written(value, style) for value in values] == node("written", [[value, style] for value in values])


def test_every_value_of_a_slider_is_written_alike_in_python_and_on_the_page(node):
    pairs = []
    for control in (explorer.controls()[name] for explorer, name in CONTROLS):
        if isinstance(control, Ranged):
            steps = np.arange(control.low, control.high + control.step / 2, control.step).tolist()
            pairs += [[value, control.style] for value in getattr(control, "values", steps)]
    assert [written(*pair) for pair in pairs] == node("written", pairs)


# HTML.


class Page(HTMLParser):
    """The elements of a page, closed as they were opened, and the text in each."""

    VOID = ("input", "br", "meta", "link")

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        self.elements.append({"tag": tag, "text": ""} | dict(attributes))
        if tag not in self.VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, text):
        for element in self.open:
            element["text"] += text

    def all(self, tag=None, **attributes):
        """The elements with this tag and these attributes."""
        return [
            element
            for element in self.elements
            if tag in (None, element["tag"]) and attributes.items() <= element.items()
        ]

    def one(self, tag=None, **attributes):
        (element,) = self.all(tag, **attributes)
        return element


@pytest.fixture(scope="module")
def shown():
    """Each explorer away from its defaults, its mimebundle and its parsed HTML."""
    result = {}
    for explorer in EXPLORERS:
        here = explorer(**{name: another(control) for name, control in explorer.controls().items()})
        bundle, _ = here._repr_mimebundle_()
        result[explorer] = here, bundle, Page(bundle["text/html"])
    return result


@each_explorer
def test_the_bundle_has_the_widget_the_element_and_a_picture(shown, explorer):
    here, bundle, page = shown[explorer]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == here.model_id
    assert page.elements[0] | {"tag": "hedge-explorer", "id": here._id} == page.elements[0]
    picture = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"], validate=True)))
    picture.load()
    assert picture.format == "PNG"
    assert picture.width >= 600
    assert len(picture.convert("L").getcolors(256) or []) > 50  # it is not blank


@each_explorer
def test_the_element_has_the_settings_and_the_data_as_json(shown, explorer):
    here, _, page = shown[explorer]
    state = json.loads(page.one("script", type="application/json")["text"])
    assert state == {"kind": here.name, "settings": here.settings, "data": json.loads(json.dumps(here.data()))}


def test_no_data_can_break_out_of_the_script_element():
    hostile = {"says": "</script><script>alert(1)</script>", "also": "<!--<script>", "and": "]]>&amp;\u2028"}

    class Hostile(Anatomy):
        def data(self):
            return hostile

    page = Page(Hostile()._repr_mimebundle_()[0]["text/html"])
    text = page.one("script")["text"]
    assert json.loads(text)["data"] == hostile
    assert "<" not in text


@each_explorer
def test_the_form_has_every_control_by_name_in_its_order(shown, explorer):
    _, _, page = shown[explorer]
    assert [e["name"] for e in page.elements if e["tag"] in ("input", "select")] == list(explorer.controls())


@each_control
def test_every_control_has_a_label_of_its_own(shown, explorer, name):
    here, _, page = shown[explorer]
    control, element = explorer.controls()[name], page.one(name=name)
    if isinstance(control, Draw):  # a button sets it
        assert page.one("button", **{"data-draw": name})["text"] == control.label
        return
    if isinstance(control, Moves):  # one button adds a move, one all that are left
        assert [it["text"] for it in page.all("button", **{"data-append": name})] == [control.label, control.rest]
        return
    assert element["id"] == f"{here._id}-{name}"
    assert page.one("label", **{"for": element["id"]})["text"] == control.label
    if isinstance(control, Ranged):
        assert page.one("output", **{"for": element["id"]})["text"] == written(getattr(here, name), control.style)
    assert bool(page.all("button", **{"data-play": name})) == getattr(control, "plays", False)


def on_the_grid(value, control):
    """A slider has no other values than its lowest and whole steps from there."""
    steps = (value - control.low) / control.step
    return abs(steps - round(steps)) < 1e-9


@each_control
def test_limits_steps_and_values_of_the_form_are_those_of_the_control(shown, explorer, name):
    here, _, page = shown[explorer]
    control, element, value = explorer.controls()[name], page.one(name=name), getattr(here, name)
    if isinstance(control, Pick):
        assert element["type"] == "range"
        assert tuple(map(int, element["data-values"].split())) == control.values == tuple(sorted(control.values))
        assert (int(element["min"]), int(element["max"])) == (0, len(control.values) - 1)
        assert control.values[int(element["value"])] == value
    elif isinstance(control, Ranged):
        assert element["type"] == "range"
        numbers = [float(element[attribute]) for attribute in ("min", "max", "step", "value")]
        assert numbers == [control.low, control.high, control.step, value]
        assert on_the_grid(control.high, control)
        assert on_the_grid(control.default_value, control)
    elif isinstance(control, Choice):
        chosen = {e["value"]: e["text"] for e in page.all("option") if e["value"] in control.options}
        assert chosen | control.options == chosen
        menus = [each for each in explorer.controls().values() if isinstance(each, Choice)]
        chosen_in = sum(value == getattr(here, each.name) for each in menus)
        assert [e["value"] for e in page.all("option") if "selected" in e].count(value) == chosen_in
    elif isinstance(control, Switch):
        assert element["type"] == "checkbox"
        assert ("checked" in element) == value
    else:
        assert (element["type"], element["value"]) == ("hidden", str(value))
    if isinstance(control, Moves):
        assert re.fullmatch(element["data-pattern"], value)
        assert int(element["data-most"]) == control.most
        buttons = page.all("button", **{"data-append": name})
        assert [int(button["data-times"]) for button in buttons] == [1, control.most]
        assert {button["data-source"] for button in buttons} == {control.source}
        assert element["data-deal"] == control.deal
        assert {control.source, control.deal} < set(explorer.controls())


@each_explorer
def test_a_control_that_matters_for_one_choice_alone_names_a_menu_and_a_choice(shown, explorer):
    _, _, page = shown[explorer]
    for element in page.elements:
        if "data-when" in element:
            menu, choice = element["data-when"].split("=")
            assert choice in explorer.controls()[menu].options


@each_explorer
def test_the_readouts_are_the_numbers_written_out_and_in_all_digits(shown, explorer):
    here, _, page = shown[explorer]
    readouts = {element["data-number"]: element for element in page.all("dd")}
    assert list(readouts) == list(explorer.readouts)
    assert [label["text"] for label in page.all("dt")] == [text for text, _ in explorer.readouts.values()]
    for name, number in here.numbers().items():
        _, style = explorer.readouts[name]
        assert float(readouts[name]["data-value"]) == number
        assert readouts[name]["data-style"] == style
        assert readouts[name]["text"] == written(number, style)


@each_explorer
def test_the_frame_says_what_it_asks_and_what_one_sees(shown, explorer):
    _, _, page = shown[explorer]
    assert page.one("div", role="group")["aria-label"] == explorer.question
    assert page.one("div", role="img")["aria-label"] == explorer.alt
    assert page.one("p", **{"aria-live": "polite"})
    assert {element.get("data-do") for element in page.all("button")} >= {"reset", "share"}
    assert all(element["type"] == "button" for element in page.all("button"))
    assert page.all("svg")


def test_the_first_of_its_kind_has_the_plain_name_for_an_id(monkeypatch):
    monkeypatch.setattr(base.Explorer, "_numbering", {})
    assert [Anatomy()._id, GammaTheta()._id, Anatomy()._id] == ["anatomy", "gamma-theta", "anatomy-2"]


@each_explorer
def test_ids_are_unique_on_a_page_with_two_of_the_same(monkeypatch, made, shown, explorer):
    monkeypatch.syspath_prepend(ROOT / "book" / "_ext")
    from inline_figures import Drawings  # what the site does with the pictures, which have ids as well

    sources = [shown[explorer][1]["text/html"], made[explorer]._repr_mimebundle_()[0]["text/html"]]
    page = Page("".join(map(Drawings().inline_pictures, sources)))
    ids = [element["id"] for element in page.elements if "id" in element]
    assert len(page.all("hedge-explorer")) == 2
    assert len(ids) == len(set(ids))


def ends(control, which):
    """The first or last value of a control."""
    if isinstance(control, Ranged):
        return (control.low, control.high)[which] if not isinstance(control, Pick) else control.values[-which]
    if isinstance(control, Choice):
        return list(control.options)[-which]
    if isinstance(control, Moves):
        return ",".join(["1000"] * control.most * which)
    return bool(which) if isinstance(control, Switch) else which * Draw.LAST


@each_explorer
@pytest.mark.parametrize("which", [0, 1], ids=["first", "last"])
def test_a_picture_can_be_drawn_at_the_ends_of_all_controls(made, explorer, which):
    values = {name: ends(control, which) for name, control in explorer.controls().items()}
    assert "<svg" in put(made[explorer], values).picture()._repr_svg_()
