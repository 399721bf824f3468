"""A question that answers at once, in HTML and CSS alone.

    ::::{admonition} What does the hedger of a short call do when the spot rises?
    :class: quiz

    :::{dropdown} Sells shares
    Not quite. Delta has grown: the hedge is short of shares, not long.
    :::
    :::{dropdown} Buys shares
    Right. At a higher price than before, which is where the premium goes.
    :::
    ::::

Each dropdown is an option, and its content is what a reader who chooses it is told.  JupyterLab and other builders
show the same source as a box of things to unfold; on the published page it becomes a form with radio buttons.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

#: How the answer to an option begins, and whether the option is then the right one.
VERDICTS = {"Right.": True, "Not quite.": False}


class quiz(nodes.Element):
    """A question and its options."""


class quiz_question(nodes.TextElement):
    """The question."""


class quiz_option(nodes.Element):
    """One option: its label and its feedback; `correct` says whether it is right."""


class quiz_label(nodes.TextElement):
    """What one chooses."""


class quiz_feedback(nodes.Element):
    """What one is then told."""


class QuizForms(SphinxPostTransform):
    """Replace every quiz, before its dropdowns become folding boxes."""

    default_priority = 150  # sphinx-design replaces dropdowns at 199
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Number the page's quizzes; one that is not well formed is reported and stays as it is."""
        boxes = [box for box in self.document.findall(nodes.admonition) if "quiz" in box["classes"]]
        for number, box in enumerate(boxes, start=1):
            try:
                form = as_form(box)
            except ValueError as error:
                logger.warning("quiz: %s", error, location=box, type="quiz")
                continue
            form["key"] = f"quiz-{number}"
            box.replace_self(form)


def as_form(box: nodes.admonition) -> quiz:
    """The question and its options, or a ValueError that says what is wrong with them."""
    title, *dropdowns = box.children
    form = quiz("", quiz_question("", "", *title.children))
    for number, dropdown in enumerate(dropdowns, start=1):
        if not isinstance(dropdown, nodes.container) or dropdown.get("design_component") != "dropdown":
            raise ValueError("it may hold nothing but dropdowns, one for each option")
        match dropdown.children:
            case [nodes.rubric() as label, nodes.paragraph() as first, *more]:
                verdict = next((verdict for verdict in VERDICTS if first.astext().startswith(verdict)), None)
            case _:
                verdict = None
        if verdict is None:
            raise ValueError(
                f"option {number} needs a title, and an answer that begins with {' or '.join(VERDICTS)}"
            )
        lead = first.children[0]
        first.replace(lead, [nodes.strong("", verdict), nodes.Text(lead.astext().removeprefix(verdict))])
        option = quiz_option("", quiz_label("", "", *label.children), quiz_feedback("", first, *more))
        option["correct"] = VERDICTS[verdict]
        form += option
    right = sum(option["correct"] for option in form.findall(quiz_option))
    if right != 1:
        raise ValueError(f"exactly one option must be right, not {right}")
    return form


def visit_quiz(writer: HTML5Translator, node: quiz) -> None:
    """Open the group of options."""
    writer.body.append(f'<fieldset class="quiz" id="{node["key"]}">\n')


def depart_quiz(writer: HTML5Translator, node: quiz) -> None:
    """Close it."""
    writer.body.append("</fieldset>\n")


def visit_question(writer: HTML5Translator, node: quiz_question) -> None:
    """Open the question."""
    writer.body.append("<legend>")


def depart_question(writer: HTML5Translator, node: quiz_question) -> None:
    """Close it."""
    writer.body.append("</legend>\n")


def visit_option(writer: HTML5Translator, node: quiz_option) -> None:
    """Write the button to choose."""
    group = node.parent["key"]
    key = f"{group}-{node.parent.index(node)}"
    writer.body.append(f'<div class="quiz-option"><input type="radio" name="{group}" id="{key}">')


def depart_option(writer: HTML5Translator, node: quiz_option) -> None:
    """Close it."""
    writer.body.append("</div>\n")


def visit_label(writer: HTML5Translator, node: quiz_label) -> None:
    """Open what can be tapped besides the button."""
    group, option = node.parent.parent["key"], node.parent
    writer.body.append(f'<label for="{group}-{option.parent.index(option)}"><span>')


def depart_label(writer: HTML5Translator, node: quiz_label) -> None:
    """Close it."""
    writer.body.append("</span></label>\n")


def visit_feedback(writer: HTML5Translator, node: quiz_feedback) -> None:
    """Open the answer; the part that is always there is what tells a screen reader of a change inside."""
    verdict = "right" if node.parent["correct"] else "wrong"
    writer.body.append(f'<div role="status"><div class="quiz-feedback {verdict}">\n')


def depart_feedback(writer: HTML5Translator, node: quiz_feedback) -> None:
    """Close it."""
    writer.body.append("</div></div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the replacement and how its parts are written."""
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_question, html=(visit_question, depart_question))
    app.add_node(quiz_option, html=(visit_option, depart_option))
    app.add_node(quiz_label, html=(visit_label, depart_label))
    app.add_node(quiz_feedback, html=(visit_feedback, depart_feedback))
    app.add_post_transform(QuizForms)
    return {"version": "2", "parallel_read_safe": True, "parallel_write_safe": True}
