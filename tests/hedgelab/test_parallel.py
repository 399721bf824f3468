"""A run is the same to the last bit whatever its blocks, workers or backend, and can be interrupted."""

import warnings
from concurrent.futures import ThreadPoolExecutor

import joblib
import numpy as np
import pytest
from examples import simulated

import hedgelab as hl

CALL = hl.Option("call", strike=105, expiry=0.25)
OTHER = hl.Option("put", strike=95, expiry=0.5)
MARKETS = simulated()
POLICIES = {
    "clock": hl.Clock(),
    "band": hl.DeltaBand(0.05, to="edge"),
    "move": hl.MoveBand(0.02),
    "optimal": hl.Zakamouline(cost=0.001, risk_aversion=1.0),
}


def run(n_paths=12_345, **changes):
    terms = {
        "market": MARKETS["GBM"], "volatility": 0.3, "steps": 12, "n_paths": n_paths, "seed": 7, "rate": 0.02,
        "cost": hl.ProportionalCost(0.001) + hl.SquareRootImpact(1e5), "policy": POLICIES["band"],
    }  # fmt: skip
    how = {name: changes.pop(name) for name in ("workers", "block_size", "progress") if name in changes}
    with hl.computing(**how):
        return hl.hedge(CALL, **(terms | changes))


def same(one, other):
    for name in ("pnl", "cost", "trades"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
@pytest.mark.parametrize("market", MARKETS.values(), ids=MARKETS)
def test_blocks_and_workers_change_nothing(market, policy):
    terms = {"market": market, "policy": policy, "volatility": 0.25}
    whole = run(block_size=100_000, **terms)
    for cut in ({"block_size": 1_000}, {"block_size": 1_000, "workers": 2}, {"workers": 2}, {}):
        same(whole, run(**cut, **terms))


def test_blocks_and_workers_change_nothing_with_hedging_options_and_arrays_of_volatility():
    volatility = np.random.default_rng(2).uniform(0.2, 0.4, (13, 12_345))
    terms = {"overlay": hl.Overlay("delta-gamma", [OTHER]), "volatility": volatility}
    same(run(block_size=100_000, **terms), run(block_size=1_000, workers=2, **terms))


def test_a_larger_run_has_the_paths_of_a_smaller_one():
    np.testing.assert_array_equal(run(n_paths=2_500).pnl, run(n_paths=5_001).pnl[:2_500])


def test_a_ledger_is_that_of_its_path_in_whichever_block():
    """The last path of the first thousand, the first of the next, and one of the third, which is cut short."""
    bands = run(2_345)
    for path in (999, 1_000, 2_200):
        assert bands.ledger(path).pnl.iloc[-1] == pytest.approx(bands.pnl[path], abs=1e-12)


def test_a_dask_cluster_gives_the_same_numbers():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1"
        ) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        remote = run(block_size=2_000, market=MARKETS["Heston"], volatility="true")
    same(remote, run(market=MARKETS["Heston"], volatility="true"))


def test_threads_give_the_same_numbers():
    with joblib.parallel_config(backend="threading", n_jobs=2):
        threaded = run(block_size=2_000)
    same(threaded, run())


def test_joblibs_multiprocessing_gives_the_same_numbers():
    with joblib.parallel_config(backend="multiprocessing", n_jobs=2):
        multiprocessed = run(block_size=2_000, policy=lambda moment: moment.delta / 2)
    same(multiprocessed, run(policy=lambda moment: moment.delta / 2))


def test_runs_in_threads_leave_the_warning_filters_alone():
    """Also those that fail, or are called off: a filter belongs to all threads."""

    def work(number):
        for _ in range(20):
            run(n_paths=50, seed=number)
            with pytest.raises(ValueError, match="holding"):
                run(n_paths=3_000, block_size=1_000, policy=lambda moment: np.nan * moment.delta)

    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(8)))
    assert warnings.filters == before


def test_a_function_of_the_readers_own_goes_along_to_other_processes():
    def half(moment):
        return moment.delta / 2

    same(run(policy=half, block_size=2_000, workers=2), run(policy=half))


def test_an_interrupted_run_leaves_nothing_behind(monkeypatch):
    class Impatient:
        calls = 0

        def holding(self, moment):
            self.calls += 1
            if self.calls == 30:
                raise KeyboardInterrupt
            return moment.delta

    def impatient(results, *_, **__):
        yield next(results)
        raise KeyboardInterrupt

    seed = np.random.SeedSequence(5)
    expected = run(seed=np.random.SeedSequence(5))
    with pytest.raises(KeyboardInterrupt):
        run(policy=Impatient(), seed=seed, block_size=1_000)
    same(run(seed=seed), expected)
    with monkeypatch.context() as patch:
        patch.setattr("hedgelab.parallel.tqdm", impatient)
        with pytest.raises(KeyboardInterrupt):  # while other blocks are still at work
            run(seed=seed, workers=2, block_size=1_000)
    same(run(seed=seed, workers=2), expected)


def test_a_long_run_shows_a_bar_and_a_quick_one_does_not(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    run(n_paths=10)
    assert capsys.readouterr().err == ""
    run(n_paths=10, progress=True)
    assert "hedge: 100%" in capsys.readouterr().err


def test_no_bar_is_made_where_bars_are_disabled(monkeypatch):
    """In a notebook too, where tqdm itself would show one on a run of more than two seconds."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    with monkeypatch.context() as patch:
        patch.setattr("hedgelab.parallel.tqdm", None)
        run(n_paths=10)
        with pytest.raises(TypeError):
            run(n_paths=10, progress=True)
