"""What marks the small assignment of the tests: every kind of check once."""

import numpy as np

from coursework import Assignment, Check, Question, Trial, Written


def cash(start, trades, prices):
    """Cash after each trade."""
    return start - np.cumsum(np.asarray(trades) * np.asarray(prices))


def days(generator):
    for _ in range(4):
        yield 100.0, generator.normal(size=5), generator.uniform(90, 110, size=5)


def numbers(generator):
    return ((float(value),) for value in generator.uniform(1, 9, size=4))


def closeness(ask, generator):
    """How near a policy's holding stays to the delta that it is told."""
    told = generator.uniform(size=20)
    return float(np.mean([abs(float(ask(float(delta))) - delta) < 0.1 for delta in told]))


ASSIGNMENT = Assignment(
    "hw0",
    "Small change",
    follows="foundations/puzzle",
    minutes=(5, 10),
    questions=[
        Question("q1", "The square", [
            Check("square", [(2.0,), (-3.0,)], lambda x: x * x, 2, "two squares"),
            Check("square", numbers, lambda x: x * x, 4, "other squares", again="notation.html", share=True),
        ]),
        Question("q2", "The cash", [
            Check("cash", [(100.0, [1.0, -1.0], [10.0, 11.0])], cash, 1, "one round trip"),
            Check("cash", days, cash, 3, "other days", again="foundations/puzzle.html"),
        ]),
        Question("q3", "The trades", [Check("most_traded", None, lambda: "Monday", 2, "the busiest day")]),
        Question("q4", "A policy", [Trial("Policy", closeness, 4, "stays near delta", "It strays from delta.")]),
        Question("q5", "In words", written=Written([(2, "names the risk"), (1, "names who bears it")])),
    ],
    total_seconds=30.0,
    cell_seconds=2.0,
)  # fmt: skip
