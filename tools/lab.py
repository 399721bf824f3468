"""Open the chapters in JupyterLab: copies of them, in `my_copy`, so that whatever a reader does is the reader's own.

.venv/bin/python tools/lab.py [--no-browser] [anything else that JupyterLab understands]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from copies import keep
from live_chapters import START, Book

ROOT = Path(__file__).resolve().parents[1]
CONFIGURATION = ROOT / "jupyter_config"


def copy(root: Path, folder: Path) -> list[str]:
    """Bring the copies of a book's pages up to date, and say which could not be: their reader has edited them."""
    book = Book(root)
    folder.mkdir(exist_ok=True)
    newer = {}
    for path, content in book.files():
        kept = keep(folder / path, content)
        if kept != folder / path:
            newer[path] = kept.relative_to(folder).as_posix()
    keep(folder / START, book.start(newer))
    return [
        f"You have edited {folder.name}/{path}: it stays, and the new version is beside it, in {beside}."
        for path, beside in newer.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Copy, then start JupyterLab, which keeps all it knows inside this folder, and ends with Ctrl-C."""
    folder = ROOT / "my_copy"
    print(
        "\n".join([*copy(ROOT, folder), f"The chapters are in {folder.name}: what you change there stays yours."]),
        flush=True,
    )
    for kind, name in {"CONFIG": ".", "DATA": "data", "RUNTIME": "runtime"}.items():
        os.environ[f"JUPYTER_{kind}_DIR"] = str(CONFIGURATION / name)
    os.environ["IPYTHONDIR"] = str(CONFIGURATION / "ipython")

    from jupyterlab.labapp import main as jupyterlab

    jupyterlab(
        [
            f"--ServerApp.root_dir={folder}",
            f"--LabApp.default_url=/lab/tree/{START}",
            "--LabApp.extension_manager=readonly",
            "--LanguageServerManager.autodetect=False",
            "--ServerApp.websocket_ping_timeout=30000",
            "--Application.log_level=WARN",
            *(sys.argv[1:] if arguments is None else arguments),
        ]
    )


if __name__ == "__main__":
    main()
