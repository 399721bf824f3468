"""What marks `A quiet day`."""

from math import sqrt

from coursework import Assignment, Check, Question, Written


def break_even(gamma, theta):
    return sqrt(-2 * theta / gamma)


def days(generator):
    """Six days for everybody, drawn from the class's key when a class is marked."""
    for _ in range(6):
        yield float(generator.uniform(10, 90)), float(-generator.uniform(50, 900))


ASSIGNMENT = Assignment(
    "template",
    "A quiet day",
    follows="algorithm/gamma_theta",
    minutes=(10, 20),
    questions=[
        Question("q1", "The move that pays for the day", [
            Check("break_even", [(50.0, -400.0)], break_even, 1, "one day"),
            Check("break_even", days, break_even, 4, "other days", again="algorithm/gamma_theta.html", share=True),
        ]),
        Question("q2", "Half of it", written=Written([(2, "says that half the move earns a quarter of theta")])),
    ],
)  # fmt: skip
