"""Insure a fund: a floor under what it ends with, by a put, a replica of one, or a rule.

`insure` walks a fund as `hedge` walks an option sold: the method says how many shares the fund is to hold, a
policy when to trade to that, and costs are those of any hedge.  `compare` puts methods side by side.  The
functions that end in ``law``, and those beside them, are the closed forms that the simulations are tested
against.
"""

from hedgelab.insurance.comparison import compare
from hedgelab.insurance.failures import (
    GapLaw,
    StopLossLaw,
    SwitchingCost,
    cppi_under_jumps,
    gap_probability,
    rebalanced_cppi_law,
    start_gain,
    stop_loss_law,
    switching_cost,
)
from hedgelab.insurance.insuring import insure
from hedgelab.insurance.laws import (
    CPPILaw,
    HoldingLaw,
    OptionBasedLaw,
    cppi_law,
    equal_mean_multiplier,
    holding_law,
    option_based_law,
)
from hedgelab.insurance.methods import CPPI, ConstantMix, Fund, Holding, Method, RealPut, StopLoss, SyntheticPut
from hedgelab.insurance.runs import InsuredRun

__all__ = [
    "CPPI",
    "CPPILaw",
    "ConstantMix",
    "Fund",
    "GapLaw",
    "Holding",
    "HoldingLaw",
    "InsuredRun",
    "Method",
    "OptionBasedLaw",
    "RealPut",
    "StopLoss",
    "StopLossLaw",
    "SwitchingCost",
    "SyntheticPut",
    "compare",
    "cppi_law",
    "cppi_under_jumps",
    "equal_mean_multiplier",
    "gap_probability",
    "holding_law",
    "insure",
    "option_based_law",
    "rebalanced_cppi_law",
    "start_gain",
    "stop_loss_law",
    "switching_cost",
]
