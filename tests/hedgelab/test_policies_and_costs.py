"""Policies decide, costs charge."""

import numpy as np

import hedgelab as hl


def moment(**changes):
    return hl.Moment(**{"step": 3, "time_left": 0.1, "spot": 100.0, "delta": 0.5, "held": 0.5, **changes})


def test_a_clock_trades_on_its_steps_and_only_then():
    held = [hl.Clock(every=4).holding(moment(step=step, delta=0.9, held=0.1)) for step in range(9)]
    assert held == [0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9]


def test_a_band_waits_inside_and_trades_to_the_middle_or_the_edge_outside():
    deltas = np.array([0.44, 0.46, 0.50, 0.54, 0.56])
    to_middle = hl.DeltaBand(0.05).holding(moment(delta=deltas, held=np.full(5, 0.5)))
    np.testing.assert_allclose(to_middle, [0.44, 0.50, 0.50, 0.50, 0.56])
    to_edge = hl.DeltaBand(0.05, to="edge").holding(moment(delta=deltas, held=np.full(5, 0.5)))
    np.testing.assert_allclose(to_edge, [0.49, 0.50, 0.50, 0.50, 0.51])


def test_a_band_of_no_width_is_a_clock():
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 30, "seed": 1, "volatility": 0.2}
    option = hl.Option("call", 100, 0.25)
    clock = hl.hedge(option, **terms)
    for to in ("middle", "edge"):
        np.testing.assert_allclose(hl.hedge(option, policy=hl.DeltaBand(0.0, to=to), **terms).pnl, clock.pnl)


def test_a_readers_own_policy_works():
    class Never:
        def holding(self, moment):
            return moment.held

    market = hl.GBM(100, 0.2)
    terms = {"quantity": -1, "volatility": 0.2, "steps": 5, "n_paths": 100, "seed": 1}
    run = hl.hedge(hl.Option("call", 100, 0.25), market=market, policy=Never(), **terms)
    paths = market.simulate(0.25, 5, 100, seed=1)
    np.testing.assert_allclose(run.pnl, run.premium - np.maximum(paths.spot[-1] - 100, 0))
    assert not run.trades.any()


def test_costs_are_charged_on_the_value_traded_whichever_way():
    np.testing.assert_allclose(hl.ProportionalCost(0.001).charge(np.array([-100.0, 100.0]), 50.0), [5.0, 5.0])


def test_costs_lower_the_pnl_by_what_they_are():
    terms = {"market": hl.GBM(100, 0.2), "steps": 20, "n_paths": 30, "seed": 1, "volatility": 0.2, "rate": 0.05}
    option = hl.Option("put", 100, 0.25)
    free = hl.hedge(option, **terms)
    charged = hl.hedge(option, cost=hl.ProportionalCost(0.002), **terms)
    np.testing.assert_allclose(charged.pnl + charged.cost, free.pnl, atol=1e-10)
    assert (charged.cost > 0).all()
