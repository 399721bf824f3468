"""A question that answers at once, in HTML and CSS alone.

    :::{quiz} What does the hedger of a short call do when the spot rises?
    :correct: 2
    - Sells shares
      - Delta has grown: the hedge is short of shares, not long.
    - Buys shares
      - At a higher price than before, which is where the premium goes.
    :::

Each option is a list item, and the nested list item under it is what a reader who chooses it is told.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator


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


class Quiz(SphinxDirective):
    """The directive of the module's docstring."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {"correct": directives.positive_int}

    def run(self) -> list[nodes.Node]:
        """Check the form of the question and build it."""
        if "correct" not in self.options:
            raise self.error("quiz: say which option is right with `:correct:` and its number, counted from 1")
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        if len(parsed) != 1 or not isinstance(parsed[0], nodes.bullet_list):
            raise self.error("quiz: the content must be one bullet list, an item for each option")
        items, correct = parsed[0].children, self.options["correct"]
        if not 1 <= correct <= len(items):
            raise self.error(f"quiz: `:correct: {correct}` names no option; there are {len(items)}")

        line = self.lineno
        question, messages = self.state.inline_text(self.arguments[0], line)
        result = quiz("", quiz_question("", "", *question))
        result["key"] = f"quiz-{self.env.new_serialno('quiz') + 1}"
        self.set_source_info(result)
        for number, item in enumerate(items, start=1):
            match item.children:
                case [nodes.paragraph() as label, nodes.bullet_list() as told] if len(told) == 1:
                    option = quiz_option(
                        "", quiz_label("", "", *label.children), quiz_feedback("", *told[0].children)
                    )
                    option["correct"] = number == correct
                    result += option
                case _:
                    raise self.error(
                        f"quiz: option {number} needs its text and, nested under it, one list item of feedback"
                    )
        return [result, *messages]


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
    verdict, word = ("right", "Right.") if node.parent["correct"] else ("wrong", "Not quite.")
    writer.body.append(f'<div role="status"><div class="quiz-feedback {verdict}"><strong>{word}</strong>\n')


def depart_feedback(writer: HTML5Translator, node: quiz_feedback) -> None:
    """Close it."""
    writer.body.append("</div></div>\n")


class PlainQuiz(SphinxPostTransform):
    """Where there are no radio buttons, a quiz is its question and a list."""

    default_priority = 900

    def run(self, **kwargs: Any) -> None:
        """Replace every quiz, unless the page is HTML."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(quiz)):
            question, *options = node.children
            choices = nodes.bullet_list()
            for option in options:
                label, told = option.children
                inner = nodes.bullet_list("", nodes.list_item("", *told.children))
                choices += nodes.list_item("", nodes.paragraph("", "", *label.children), inner)
            node.replace_self([nodes.paragraph("", "", *question.children), choices])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive and how its parts are written."""
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_question, html=(visit_question, depart_question))
    app.add_node(quiz_option, html=(visit_option, depart_option))
    app.add_node(quiz_label, html=(visit_label, depart_label))
    app.add_node(quiz_feedback, html=(visit_feedback, depart_feedback))
    app.add_directive("quiz", Quiz)
    app.add_post_transform(PlainQuiz)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
