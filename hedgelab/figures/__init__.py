"""Every plot the chapters use.

A figure makes one point.  Each function here takes results (a run, a case, arrays) and returns a `Figure`
that a notebook shows as SVG: transparent, its text left as text, its colours from the one `PALETTE`, so that a
page can recolour it for dark mode.
"""

from hedgelab.figures.costs import best_frequency, desks, mismatches, quotes
from hedgelab.figures.crashes import chances_to_trade, crash_and_desk, gap_by_strike, replica_and_put
from hedgelab.figures.crowds import crowd_days, feedback_threshold, folded, share_of_a_fall
from hedgelab.figures.first_hedge import holdings, luck_and_skill, shares_needed
from hedgelab.figures.flash_crash import cliff, desks_in_the_hour, first_beats, known_points, without_a_part
from hedgelab.figures.gamma_theta import by_path, day_results, roads
from hedgelab.figures.gaps import depths_below, gaps_survived, holes_by_frequency, insured_autumn
from hedgelab.figures.greeks import bump_errors, delta_tomorrow, gamma_and_vega, gammas
from hedgelab.figures.hedges import error_law, explained, histogram, rebalancing, remainder, trade_off, worlds
from hedgelab.figures.learning import bands_by_spot, elsewhere, gains_by_days
from hedgelab.figures.limits import alarms_and_saves, cost_of_closing, limits_of_1987, loss_tails, two_afternoons
from hedgelab.figures.march_2020 import by_choice, hedges_inside, losses_by_move, weeks_sold
from hedgelab.figures.model_risk import alone_and_repaired, losses_beyond, stress_test, together
from hedgelab.figures.option_hedges import asked_for, greek_plane, marked_books, rates, third_options
from hedgelab.figures.replication import binomial_tree, cost_of_hedge, price_and_volatility, tree_convergence
from hedgelab.figures.smile_hedges import books_by_rule, moved_smiles, risk_by_share, volatility_moves
from hedgelab.figures.smiles import (
    causes_of_a_smile,
    fitted_smiles,
    smile_and_density,
    svi_parameters,
    total_variances,
)
from hedgelab.figures.style import PALETTE, STYLE, Figure, in_style, new
from hedgelab.figures.synthetic_put import endings, looks, stock_shares, winners
from hedgelab.figures.the_desk import lateness, misprints, missing_parts, told_and_held
from hedgelab.figures.venues import hedges_in_no_hurry, last_shares, patience, saved_by_order, second_looks

__all__ = [
    "PALETTE",
    "STYLE",
    "Figure",
    "alarms_and_saves",
    "alone_and_repaired",
    "asked_for",
    "bands_by_spot",
    "best_frequency",
    "binomial_tree",
    "books_by_rule",
    "bump_errors",
    "by_choice",
    "by_path",
    "causes_of_a_smile",
    "chances_to_trade",
    "cliff",
    "cost_of_closing",
    "cost_of_hedge",
    "crash_and_desk",
    "crowd_days",
    "day_results",
    "delta_tomorrow",
    "depths_below",
    "desks",
    "desks_in_the_hour",
    "elsewhere",
    "endings",
    "error_law",
    "explained",
    "feedback_threshold",
    "first_beats",
    "fitted_smiles",
    "folded",
    "gains_by_days",
    "gamma_and_vega",
    "gammas",
    "gap_by_strike",
    "gaps_survived",
    "greek_plane",
    "hedges_in_no_hurry",
    "hedges_inside",
    "histogram",
    "holdings",
    "holes_by_frequency",
    "in_style",
    "insured_autumn",
    "known_points",
    "last_shares",
    "lateness",
    "limits_of_1987",
    "looks",
    "loss_tails",
    "losses_by_move",
    "losses_beyond",
    "luck_and_skill",
    "marked_books",
    "mismatches",
    "misprints",
    "missing_parts",
    "moved_smiles",
    "new",
    "patience",
    "price_and_volatility",
    "quotes",
    "rates",
    "rebalancing",
    "remainder",
    "replica_and_put",
    "risk_by_share",
    "roads",
    "saved_by_order",
    "second_looks",
    "share_of_a_fall",
    "shares_needed",
    "smile_and_density",
    "stock_shares",
    "stress_test",
    "svi_parameters",
    "third_options",
    "together",
    "told_and_held",
    "total_variances",
    "trade_off",
    "tree_convergence",
    "two_afternoons",
    "volatility_moves",
    "weeks_sold",
    "winners",
    "without_a_part",
    "worlds",
]
