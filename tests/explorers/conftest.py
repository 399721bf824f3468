"""The browser's half of the explorers, asked from Python: in Node, and in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from browsers import ARGUMENTS, CHROMIUM, NO_CHROMIUM
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
ROOT = HERE.parents[1]

#: Node, or the one that `make` puts beside Python where the machine has none.
NODE = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent)) or "node"

#: A question to `asked.mjs` and its settings, answered with numbers that kept all their digits.
Ask = Callable[[str, Any], Any]


def ask_node(question: str, given: Any) -> Any:
    """What the JavaScript says in Node."""
    command = [NODE, str(HERE / "node.mjs"), question]
    done = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def node() -> Ask:
    """The JavaScript in Node."""
    return ask_node


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """The JavaScript in Chromium, bundled as it is for the page."""
    if CHROMIUM is None:
        pytest.fail(NO_CHROMIUM) if os.environ.get("REQUIRE_BROWSER") else pytest.skip(NO_CHROMIUM)
    bundler = [
        shutil.which("esbuild", path=str(ROOT / "node_modules" / ".bin")),
        str(HERE / "asked.mjs"),
        "--bundle",
    ]
    options = ["--minify", "--target=es2022", "--format=iife", "--global-name=asked"]
    bundle = subprocess.run([*bundler, *options], capture_output=True, text=True, check=True).stdout
    # a thread of its own: Playwright starts once in a thread, and the tests of the site start it as well
    with ThreadPoolExecutor(max_workers=1) as thread:

        def there(act: Callable[..., Any], *terms: Any, **options: Any) -> Any:
            return thread.submit(act, *terms, **options).result()

        playwright = there(sync_playwright().start)
        home = os.environ | {"HOME": str(tmp_path_factory.mktemp("home"))}
        browser = there(playwright.chromium.launch, executable_path=CHROMIUM, args=ARGUMENTS, env=home)
        page = there(browser.new_page)
        there(page.add_script_tag, content=bundle)

        def ask(question: str, given: Any) -> Any:
            answer = "([question, given]) => JSON.stringify(asked[question](JSON.parse(given)))"
            return json.loads(there(page.evaluate, answer, [question, json.dumps(given)]))

        yield ask
        there(browser.close)
        there(playwright.stop)


@pytest.fixture(scope="module", params=["node", "chromium"])
def javascript(request: pytest.FixtureRequest) -> Ask:
    """The JavaScript wherever it is to run."""
    return request.getfixturevalue(request.param)
