"""What a page gets for running its cells: names, a script, a list of all its code; nothing without the Python."""

from __future__ import annotations

import json

from bs4 import BeautifulSoup

PAGE = """
# A page

```{code-cell} python
x = 41
```

```{code-cell} python
:tags: [remove-cell]
assert x == 41
```

It is {eval}`f"{x + 1}"`.
"""


def test_a_page_with_code_gets_its_script_where_the_browsers_python_was_laid_out(small_book):
    """Cells that do not show are listed too: the text's numbers and claims depend on them."""
    small_book.write(PAGE)
    without = small_book.build()
    assert without.returncode == 0, without.stderr
    page = BeautifulSoup(small_book.read(), "html.parser")
    assert not page.select("script[data-cells]")
    assert page.select_one(".cell")["id"] == "cell-1"
    assert page.select_one(".pasted-text")["class"][1].startswith("passage-")

    python = small_book.folder / "_build" / "browser_python"
    (python / "pyodide-1.0").mkdir(parents=True)
    (python / "files.json").write_text(json.dumps({"files": {"a.whl": {"bytes": 45_300_000, "sha256": ""}}}))
    (python / "a.whl").write_bytes(b"")
    (python / "pyodide-1.0" / "pyodide.mjs").write_text("")
    for _ in range(2):  # the second has to take the place of the first
        built = small_book.build()
        assert built.returncode == 0, built.stderr
    script = BeautifulSoup(small_book.read(), "html.parser").select_one("script[data-cells]")
    assert script["data-megabytes"] == "45"
    assert "keyword:" in script["data-colours"]
    static = small_book.folder / "_build" / "html" / "_static"
    assert (static / "run.js").is_file()
    assert "export" in (static / "run_page.js").read_text("utf8")
    assert {"a.whl", "files.json", "kernel.json", "pyodide-1.0", "python.mjs", "worker.js"} <= {
        path.name for path in (static / "run").iterdir()
    }
    address = f'"./python.mjs?{script["data-version"]}"'
    assert address in (static / "run" / "worker.js").read_text("utf8")
    cells = json.loads((static / "run" / "cells" / "page.json").read_text("utf8"))["cells"]
    assert [(cell["source"].splitlines()[0], cell["shown"]) for cell in cells] == [
        ("x = 41", True),
        ("assert x == 41", False),
        ("from myst_nb import glue", False),
    ]
