"""Run the notebooks that the site offers as a reader would: in a fresh environment, against the served site.

    .venv/bin/python tools/run_at_home.py [--site _build/html] [algorithm/gamma_theta ...]

The site is served on this machine, below a path as on many hosts.  The environment has pip and a kernel; the first
cell of a notebook installs hedgelab and what it needs from the address that it names, here the served one's.
Every cell has to pass, those that check the text among them; what is printed otherwise than on the site is named.
All chapters take about as long as building the book.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tools"))

from serve import listen  # noqa: E402
from take_home import DOWNLOADS, installation, wheel_name  # noqa: E402

#: Whether a kernel has hedgelab from where it should, and from nowhere else.
FROM_THE_WHEEL = "import hedgelab, sys\nassert hedgelab.__file__.startswith(sys.prefix), hedgelab.__file__"


class Environment:
    """A fresh one, which knows nothing of this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environment"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        ours = ("PYTHON", "JUPYTER", "IPYTHON", "VIRTUAL_ENV", "MPL")
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.variables |= {"IPYTHONDIR": str(folder / "ipython"), "MPLCONFIGDIR": str(folder / "matplotlib")}
        self.variables["TQDM_DISABLE"] = "1"  # on a slow machine a bar would be among what is printed
        subprocess.run([sys.executable, "-m", "venv", self.folder], check=True)

    def install(self, *wanted: str | Path) -> None:
        """Install from the registry, or from what was installed for this book, in its versions: uv keeps that."""
        pinned = self.folder / "pinned.txt"
        lines = (ROOT / "requirements.txt").read_text("utf8").splitlines()
        pinned.write_text("\n".join(line for line in lines if "==" in line and not line.startswith(" ")), "utf8")
        named = [*map(str, wanted), "--quiet", "--constraint", str(pinned)]
        uv = [sys.executable, "-m", "uv", "pip", "install", "--python", str(self.python), *named]
        if subprocess.run(uv, env=self.variables, check=False, capture_output=True).returncode:
            self.run("-m", "pip", "install", *named)

    def run(self, *arguments: str) -> str:
        """What its Python says; what it said of a failure is shown."""
        done = subprocess.run(
            [self.python, *arguments],
            env=self.variables,
            cwd=self.folder,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} failed in a fresh environment:\n{done.stdout}")
        return done.stdout

    def kernels(self) -> KernelSpecManager:
        """Its own kernel, whichever others the machine has."""
        kernel = self.folder / "kernels" / "python3" / "kernel.json"
        kernel.parent.mkdir(parents=True, exist_ok=True)
        start = [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        kernel.write_text(json.dumps({"argv": start, "display_name": "Fresh", "language": "python"}), "utf8")
        return KernelSpecManager(kernel_dirs=[str(kernel.parents[1])], ensure_native_kernel=False)


@contextmanager
def served(site: Path, folder: Path) -> Iterator[str]:
    """The address of a site that stands below a path."""
    place = folder / "host" / "some"
    place.mkdir(parents=True)
    (place / "path").symlink_to(site.resolve())
    with listen(str(folder / "host"), 8830) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/some/path/"
        server.shutdown()


def printed(cell: nbformat.NotebookNode) -> str:
    """What a cell has said as text; of a figure or an explorer the text is only its name."""
    said = []
    for output in cell.outputs:
        data = output.get("data", {})
        if not {"image/svg+xml", "image/png"} & data.keys():
            said.append(output.get("text") or data.get("text/plain", ""))
    return "".join(said)


def run(path: Path, environment: Environment, address: str, place: Path) -> list[str]:
    """Run a notebook, and say what went wrong, or came out otherwise than on the site."""
    notebook = nbformat.read(path, as_version=4)
    shipped = [printed(cell) for cell in notebook.cells if cell.cell_type == "code"][1:]
    install = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert install.source.startswith("# hedgelab, the library of the book")
    install.source = f"{installation(address, wheel_name())}\n{FROM_THE_WHEEL}"
    client = NotebookClient(notebook, timeout=600, allow_errors=True, resources={"metadata": {"path": str(place)}})
    client.create_kernel_manager()
    assert client.km is not None
    client.km.kernel_spec_manager = environment.kernels()
    client.execute(env=environment.variables)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wrong = [
        f"FAILED {path.stem}, cell {cell.execution_count}: {output.ename}: {output.evalue}"
        for cell in code
        for output in cell.outputs
        if output.output_type == "error"
    ]
    differ = [
        f"{path.stem}: cell {cell.execution_count} printed otherwise, {difference(before, printed(cell))}"
        for cell, before in zip(code[1:], shipped, strict=True)
        if before and "object at 0x" not in before and printed(cell) != before
    ]
    return wrong + differ


def difference(before: str, now: str) -> str:
    """The first line that is not the same."""
    lines = zip_longest(before.splitlines(), now.splitlines(), fillvalue="nothing")
    there, here = next(((there, here) for there, here in lines if there != here), ("the same", "but for its end"))
    return f"{here!r} where the site has {there!r}"


def main() -> None:
    """Run the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description="Run the site's notebooks in a fresh environment.")
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html")
    parser.add_argument("names", nargs="*", help="such as algorithm/gamma_theta; all")
    options = parser.parse_args()
    downloads = options.site / DOWNLOADS
    found = [downloads / f"{name}.ipynb" for name in options.names] or sorted(downloads.rglob("*.ipynb"))
    if not found or not all(path.is_file() for path in found):
        sys.exit(f"No such notebooks in {downloads}: run `make html`.")
    failed = False
    with tempfile.TemporaryDirectory() as folder, served(options.site, Path(folder)) as address:
        environment = Environment(Path(folder))
        environment.install("ipykernel")
        for path in found:
            began = time.perf_counter()
            said = run(path, environment, address, Path(folder))
            print(f"{path.stem}: {time.perf_counter() - began:.0f} s", *said, sep="\n  ", flush=True)
            failed |= any(line.startswith("FAILED") for line in said)
    sys.exit(failed)


if __name__ == "__main__":
    main()
