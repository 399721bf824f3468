"""The kernel of a page in the browser, tried in this Python: what it shows and keeps, what it says of an error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLACES = ("book/_run", "book/_ext", "jupyter_config/ipython/profile_default", "")

#: Runs cells in a process of its own, where the stand-ins for what is not in a browser disturb nobody.
PROGRAM = """
import json, sys
import cells
cells.start()
print(json.dumps([json.loads(cells.run(*each)) for each in json.load(sys.stdin)]))
"""


def run(*cells: tuple[int, str, bool] | tuple[int, str]) -> list[dict[str, Any]]:
    """What comes of cells: number, source, and whether it is hidden."""
    asked = [(*each, False)[:3] for each in cells]
    path = os.pathsep.join(str(ROOT / place) for place in PLACES)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(asked),
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def printed(result: dict[str, Any]) -> str:
    """What a cell has printed."""
    return "".join(output.get("text", "") for output in result["outputs"] if output["type"] == "stream")


@cache
def mixed() -> list[dict[str, Any]]:
    """One page with one of each kind, for the tests that only look."""
    return run(
        (0, "import numpy as np\nimport pandas as pd\nfrom myst_nb import glue\n1 + 1"),
        (1, "pd.DataFrame({'loss': [-1.5, 2.0], 'gain': ['-0.00', '-0.05']})"),
        (2, "print('a')\nprint('b')\n[1, 2];"),
        (3, "assert 1 + 1 == 3, 'no'\nprint('on')"),
        (4, "def f():\n    return spto\n\nf()"),
        (5, "a = (1"),
        (6, "glue('x-1', f'{nothing}')\nglue('x-2', 'two')\nassert np.pi > 4", True),
        (7, "from hedgelab.explorers import YouHedge\nYouHedge()"),
        (8, "from hedgelab import figures\nfigures.new()[0]"),
    )


def test_the_value_of_the_last_line_shows():
    """And nothing where a semicolon says so."""
    assert mixed()[0]["outputs"] == [{"type": "display", "data": {"text/plain": "2"}}]
    assert printed(mixed()[2]) == "a\nb\n"
    assert len(mixed()[2]["outputs"]) == 1


def test_a_table_is_set_as_on_the_page():
    """Without a border, with a minus for a minus, and none for zero."""
    html = mixed()[1]["outputs"][0]["data"]["text/html"]
    assert "<td>\N{MINUS SIGN}1.5</td>\n<td>0.00</td>" in html
    assert "<td>\N{MINUS SIGN}0.05</td>" in html
    assert "border" not in html


def test_an_assertion_that_fails_is_a_note_and_the_cell_goes_on():
    """As in JupyterLab."""
    note, text = mixed()[3]["outputs"]
    assert note["data"]["text/html"].startswith('<div role="note"')
    assert "This conclusion holds no longer" in note["data"]["text/html"]
    assert text["text"] == "on\n"
    assert mixed()[3]["ok"]


def test_an_error_says_what_and_where():
    """The line is the cell's own; what lies above the cell is left out."""
    error = mixed()[4]["outputs"][0]
    assert error["summary"].startswith("NameError: name 'spto' is not defined")
    assert error["line"] == 4
    assert "cells.py" not in error["text"]
    syntax = mixed()[5]["outputs"][0]
    assert syntax["summary"].startswith("SyntaxError: '(' was never closed")
    assert syntax["line"] == 1
    assert "cells.py" not in syntax["text"]


def test_a_hidden_cell_does_what_it_can():
    """A number that cannot be computed keeps none of the others back."""
    result = mixed()[6]
    assert result["numbers"] == {"x-2": "two"}
    assert [output["type"] for output in result["outputs"]] == ["broken", "display"]


def test_an_explorer_stays_as_it_is():
    """It has controls of its own; Python draws nothing for it."""
    assert mixed()[7]["outputs"] == [{"type": "explorer"}]


def test_a_figure_is_an_svg():
    """In the colours of the palette, which the page replaces by its own."""
    assert "<svg" in mixed()[8]["outputs"][0]["data"]["image/svg+xml"]


def test_a_cell_that_runs_again_starts_from_what_the_cells_above_it_left():
    """Whatever it or the cells below made of it since: names, lists, arrays, tables, random numbers."""
    setup = (
        "import numpy as np, pandas as pd\n"
        "cash, trades, held = 10, [1], np.zeros(2)\n"
        "books, random = pd.DataFrame({'a': [1]}), np.random.default_rng(1)\n"
        "deep = {'in': [1]}"
    )
    change = (
        "cash += 1\ntrades.append(2)\nheld[0] += 1\nbooks.loc[0, 'a'] += 1\ndeep['in'].append(2)\n"
        "print(cash, trades, held, books.a.tolist(), deep, round(random.random(), 6))"
    )
    results = run((0, setup), (1, change), (2, "cash = 'spent'"), (1, change), (1, change), (2, "print(cash)"))
    first = printed(results[1])
    assert first.startswith("11 [1, 2] [1. 0.] [2] {'in': [1, 2]}")
    assert printed(results[3]) == printed(results[4]) == first
    assert printed(results[5]) == "11\n"


def test_what_a_collection_holds_is_kept_once_and_not_for_each_cell():
    """Chapters with runs or objects of their own in a dictionary took all four gigabytes that a page can have."""
    setup = (
        "import numpy as np, cells\n"
        "class Contest:\n    def __init__(self, n):\n        self.few, self.many = np.zeros(9), np.zeros(n)\n"
        "runs = {'short': np.zeros(9), 'long': [{1}, (2,), np.zeros(50_000)], 'own': Contest(50_000)}\n"
        "itself = [runs]\nitself.append(itself)"
    )
    look = (
        "kept = [each['runs'] for each in cells.page.before[1:]]\n"
        "print(len(kept), {id(each) for each in kept} == {id(kept[0])}, kept[0] is runs)\n"
        "print(kept[0]['long'][2] is runs['long'][2], kept[0]['short'] is runs['short'])\n"
        "print(kept[0]['own'].many is runs['own'].many, kept[0]['own'] is runs['own'])"
    )
    results = run((0, setup), (1, "1"), (2, "2"), (3, look))
    assert printed(results[3]) == "3 True False\nTrue False\nTrue False\n"


def test_what_is_in_a_collection_starts_again_too_and_once():
    """Objects in lists, tuples, one row under three names, a list in itself."""
    setup = (
        "import numpy as np\n"
        "class Account:\n    def __init__(self, cash): self.cash = cash\n"
        "accounts, pairs, row, one = [Account(100)], [('a', [1])], [0], np.zeros(1)\n"
        "grid, names, tables = [row] * 3, {'row': row}, [one, np.zeros(1)]\n"
        "itself = [1]\nitself.append(itself)"
    )
    change = (
        "accounts[0].cash -= 10\npairs[0][1].append(2)\nrow[0] += 1\none += 1\nitself[0] += 1\n"
        "print(accounts[0].cash, pairs, grid, names, [*map(int, np.concat(tables))], itself)"
    )
    results = run((0, setup), (1, change), (2, "1"), (1, change), (1, change))
    expected = "90 [('a', [1, 2])] [[1], [1], [1]] {'row': [1]} [1, 0] [2, [...]]\n"
    assert [printed(results[at]) for at in (1, 3, 4)] == [expected] * 3


def test_objects_that_are_more_than_their_attributes_start_again_too():
    """Without attributes, with slots, made in C: none becomes nothing, and none keeps what it was."""
    setup = (
        "import random, functools, collections\nimport pandas as pd\n"
        "class Never:\n    def trade(self): return 'never'\n"
        "class Slotted:\n    __slots__ = ('held',)\n"
        "class Both(Slotted):\n    pass\n"
        "both = Both()\nboth.held = 1\n"
        "class Line(collections.deque):\n    pass\n"
        "rules, draws, times = [Never()], [random.Random(1)], {'when': pd.Timestamp('1987-10-19')}\n"
        "dates = {'all': pd.date_range('1987-10-19', periods=2)}\n"
        "parts = [functools.partial(max, 1), both, Line([1])]"
    )
    change = (
        "parts[1].held += 1\nparts[2].append(2)\n"
        "print(rules[0].trade(), draws[0].random(), times['when'].day, len(dates['all']), parts[0](0))\n"
        "print(parts[1].held, list(parts[2]))"
    )
    results = run((0, setup), (1, change), (2, "draws[0].random()"), (1, change), (1, change))
    first = printed(results[1])
    assert first.startswith("never 0.1343")
    assert first.endswith(" 19 2 1\n2 [1, 2]\n")
    assert printed(results[3]) == printed(results[4]) == first


def test_what_is_printed_piece_by_piece_is_one_text():
    """And takes no longer the more there is of it: a copy for each line would take minutes."""
    (result,) = run((0, "for each in range(100_000): print(each)"))
    assert len(result["outputs"]) == 1
    assert result["outputs"][0]["text"].endswith("99998\n99999\n")


def test_plain_matplotlib_shows_below_its_cell():
    """Shown, left open, or as the last value: each once."""
    results = run(
        (0, "import matplotlib.pyplot as plt\nplt.plot([1, 2], label='$\\sigma$')\nplt.show()\nprint('then')"),
        (1, "plt.plot([1, 2])\nplt.title('open');"),
        (2, "figure, axes = plt.subplots()\nfigure"),
        (3, "figure"),
        (4, "plt.plot([1, 2])\n1 / 0"),
        (5, "1"),
    )
    kinds = [[[*output.get("data", {})] or output["type"] for output in result["outputs"]] for result in results]
    drawn = ["image/svg+xml"]
    assert kinds == [[drawn, "stream"], [drawn], [drawn], [drawn], ["error"], [["text/plain"]]]


def test_what_a_value_cannot_show_ends_nothing():
    """Classes, what says that it shows itself and does not, what IPython would have shown."""
    results = run(
        (0, "import pandas as pd\nfrom IPython.display import HTML, Markdown, display\ntype(pd.DataFrame())"),
        (1, "class Odd:\n    def _repr_html_(self): return 5\n    def __repr__(self): return 'odd'\nOdd()"),
        (2, "HTML('<b>x</b>')"),
        (3, "Markdown('*x*')"),
        (4, "display({'text/plain': b'x'}, raw=True)"),
        (5, "1"),
    )
    assert all(result["ok"] for result in results)
    shown = [result["outputs"][0].get("data") for result in results]
    assert "DataFrame" in shown[0]["text/plain"]
    assert shown[1] == {"text/plain": "odd"}
    assert shown[2] == {"text/html": "<b>x</b>"}
    assert "not in this page" in shown[3]["text/plain"]
    assert shown[5] == {"text/plain": "1"}


def test_a_cell_has_the_rules_of_its_own_future_and_not_the_kernels():
    """Annotations are values, as in a notebook: a class variable of a dataclass is none of its fields."""
    source = (
        "from dataclasses import dataclass\nfrom typing import ClassVar\n"
        "@dataclass\nclass Order:\n    shares: float\n    number: ClassVar[int] = 0\n"
        "print(Order(1))"
    )
    assert printed(run((0, source))[0]) == "Order(shares=1)\n"


def test_what_is_equal_is_not_the_same():
    """Another kind of number, another name of a column, a note on a table."""
    setup = "import numpy as np, pandas as pd\na = np.zeros(2, int)\ns = pd.Series([1.0], name='gain')\nones = {1}"
    change = "a = a.astype(float)\ns = s.rename('loss')\ns.attrs['unit'] = '$'\nones = {1.0}"
    look = "a += 0.5\nprint(a, s.name, s.attrs, ones)"
    results = run((0, setup), (1, change), (2, look), (3, "1"), (2, look))
    assert printed(results[2]) == printed(results[4]) == "[0.5 0.5] loss {'unit': '$'} {1.0}\n"


def test_what_was_one_thing_stays_one():
    """An object that also has a name, an object of a package, a row of a table of numbers."""
    setup = (
        "import collections, datetime\nimport numpy as np\n"
        "class Account:\n    def __init__(self, cash): self.cash = cash\n"
        "alice, grid = Account(100), np.asfortranarray(np.zeros((2, 2)))\n"
        "accounts, row, line = {'alice': alice}, grid[0], collections.deque([1])\n"
        "lines, odd = [line], np.arange(6)[1::2]"
    )
    change = (
        "alice.cash -= 10\nrow += 1\nodd *= 2\n"
        "print(alice.cash, accounts['alice'].cash, grid.tolist(), lines[0] is line, odd)"
    )
    results = run((0, setup), (1, change), (2, "1"), (1, change), (1, change))
    expected = "90 90 [[1.0, 1.0], [0.0, 0.0]] True [ 2  6 10]\n"
    assert [printed(results[at]) for at in (1, 3, 4)] == [expected] * 3


def test_two_that_are_equal_for_once_are_not_made_one():
    """Where they were one before, too."""
    part = "both[0].append(1)\nprint(both)"
    results = run((0, "both = [[]] * 2"), (1, "both = [[], []]"), (2, part), (2, part))
    assert printed(results[2]) == printed(results[3]) == "[[1], []]\n"


def test_no_value_ends_the_pages_python():
    """Deep ones, ones that double at each level, ones that cannot be copied."""
    setup = (
        "import threading\n"
        "doubled, deep, locks = [], [], [threading.Lock(), [1]]\n"
        "for _ in range(40): doubled = [doubled, doubled]\n"
        "for _ in range(2000): deep = [deep]\n"
        "class Odd(list):\n    def __len__(self): raise OSError\n"
        "odd = [Odd()]"
    )
    change = "locks[1][0] += 1\nprint(locks[1])"
    results = run((0, setup), (1, change), (2, "1"), (1, change))
    assert all(result["ok"] for result in results)
    assert printed(results[1]) == printed(results[3]) == "[2]\n"
