"""No test of the library is timed: machines differ, and are busy."""

import os

from hypothesis import settings

if "CI" not in os.environ:  # Hypothesis has a profile of its own for that, untimed, which draws the same examples
    settings.register_profile("untimed", deadline=None)
    settings.load_profile("untimed")
