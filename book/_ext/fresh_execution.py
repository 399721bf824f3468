"""Execute a chapter again whenever what it depends on has changed, not only when its own text has.

The execution cache of MyST-NB is keyed on the code in a notebook.  A change to the library, its data or the
environment would therefore leave yesterday's numbers on the page.  Two things prevent that here: the cache lives
in a folder named after a digest of everything a chapter imports, and a changed digest makes Sphinx read every
notebook again (which is when it executes).
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment

#: What the numbers on a page may depend on besides the page, relative to the root of the book.
DEPENDENCIES = ("hedgelab/**/*.py", "hedgelab/**/*.csv", "hedgelab/learning/data/*.json", "requirements.txt")


def digest(root: Path) -> str:
    """A name for the present state of everything the chapters import."""
    sha = hashlib.sha256()
    for path in sorted({path for pattern in DEPENDENCIES for path in root.glob(pattern) if path.is_file()}):
        sha.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sha.hexdigest()[:16]


def name_the_cache(app: Sphinx, config: Config) -> None:
    """Point MyST-NB at the cache of this digest, and drop those of earlier ones."""
    caches = Path(app.outdir).parent / "executed"
    config.hedgelab_digest = digest(Path(app.srcdir))
    config.nb_execution_cache_path = str(caches / config.hedgelab_digest)
    for stale in caches.glob("*"):
        if stale.name != config.hedgelab_digest:
            shutil.rmtree(stale)


def read_again(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Name the notebooks if the digest differs from the one of the last build."""
    last = getattr(env, "hedgelab_digest", None)
    env.hedgelab_digest = app.config.hedgelab_digest  # type: ignore[attr-defined]
    if last in (None, app.config.hedgelab_digest):
        return []
    return [name for name in env.found_docs if "kernelspec" in env.metadata.get(name, {})]


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the two, and keep progress bars of long runs off the page."""
    os.environ.setdefault("TQDM_DISABLE", "1")
    app.add_config_value("hedgelab_digest", "", "")
    app.connect("config-inited", name_the_cache)
    app.connect("env-get-outdated", read_again)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
