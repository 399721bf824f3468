"""Open the chapters in JupyterLab: copies of them, in `my_copy`, which are the reader's own.

.venv/bin/python tools/lab.py [--only-copy | --no-browser] [anything else that JupyterLab understands]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from copies import keep
from live_chapters import START, Book
from nbformat.sign import NotebookNotary

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "jupyter_config"


def copy(root: Path, folder: Path, notary: NotebookNotary) -> list[str]:
    """Bring the copies of a book's pages up to date, and say which were not: their reader has edited them."""
    book = Book(root)
    folder.mkdir(exist_ok=True)
    newer: dict[str, str] = {}
    for path, content in book.files():
        kept = keep(folder / path, content, notary)
        if kept != folder / path:
            newer[path] = kept.relative_to(folder).as_posix()
    keep(folder / START, book.start(newer), notary)
    return [
        f"You have edited {folder.name}/{path}: it stays, and the new version is beside it, {beside}."
        for path, beside in newer.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Copy, then start JupyterLab, which keeps all it knows inside this folder, and ends with Ctrl-C."""
    state = {"CONFIG": CONFIGURATION, "DATA": CONFIGURATION / "data", "RUNTIME": CONFIGURATION / "runtime"}
    os.environ |= {f"JUPYTER_{kind}_DIR": str(place) for kind, place in state.items()}
    os.environ["IPYTHONDIR"] = str(CONFIGURATION / "ipython")
    state["DATA"].mkdir(exist_ok=True)

    folder = ROOT / "my_copy"
    for line in copy(ROOT, folder, NotebookNotary(data_dir=str(state["DATA"]))):
        print(line)
    if arguments is None and sys.argv[1:] == ["--only-copy"]:
        return
    print(
        f"The chapters are in {folder.name}: what you change there stays yours. Ctrl-C ends JupyterLab.",
        flush=True,
    )

    from jupyterlab.labapp import main as jupyterlab  # reads the environment as it is imported

    jupyterlab(
        [
            f"--ServerApp.root_dir={folder}",
            f"--LabApp.default_url=/lab/tree/{START}",
            "--LabApp.custom_css=True",
            "--LabApp.extension_manager=readonly",  # the other kind asks a package registry
            "--LanguageServerManager.autodetect=False",
            "--Application.log_level=ERROR",  # the address is shown all the same
            *(sys.argv[1:] if arguments is None else arguments),
        ]
    )


if __name__ == "__main__":
    main()
