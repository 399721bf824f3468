"""A link to each exercise beside its title, as headings have one: `#ex-even-odds`.

The name is the exercise's label, which an author writes and keeps.  One without a label would be named by its
place, which changes with the next exercise before it, so it is reported.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx_exercise.nodes import is_exercise_node

logger = logging.getLogger(__name__)


class LinkExercises(SphinxPostTransform):
    """Add the links, once the titles of solutions have been copied from those of exercises."""

    default_priority = 890
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Each on its own."""
        for exercise in self.document.findall(is_exercise_node):
            name = exercise["ids"][0]
            if name.startswith(f"{self.env.docname}-exercise-"):
                logger.warning(
                    "this exercise needs a `:label:`, such as ex-even-odds, so that a link to it lasts",
                    location=exercise,
                    type="exercise",
                )
            link = f'<a class="headerlink" href="#{name}" title="Link to this exercise">#</a>'
            exercise[0] += nodes.raw("", link, format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect it."""
    app.add_post_transform(LinkExercises)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
