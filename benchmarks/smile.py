"""(f) A smile fitted to quotes: SVI to noisy ones, which tempt it into butterflies, and SABR to exact ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.harness import Contender, Job, Table

if TYPE_CHECKING:
    import hedgelab as hl  # elsewhere where it is used: FinancePy's environment lacks what it needs

FORWARD, BETA = 100.0, 0.5


class Slice(NamedTuple):
    days: int
    log_moneyness: np.ndarray
    volatility: np.ndarray

    @property
    def expiry(self) -> float:
        return self.days / 365

    @property
    def strike(self) -> np.ndarray:
        return FORWARD * np.exp(self.log_moneyness)


def quoted(random: np.random.Generator, smile, days: int, noise: float) -> Slice:
    """Twenty quotes of a smile, from three deviations below the money to two and a half above."""
    k = np.linspace(-3, 2.5, 20) * np.sqrt(smile.total_variance(0))
    return Slice(days, k, smile.volatility(k) * (1 + noise * random.standard_normal(20)))


def noisy_svi(size: int) -> list[Slice]:
    """SSVI slices without butterflies, with 1 % of noise."""
    import hedgelab as hl

    random, found = np.random.default_rng(1), []
    for _ in range(size):
        days, volatility, rho = int(random.integers(7, 730)), *random.uniform([0.1, -0.9], [0.6, 0.5])
        theta = volatility**2 * days / 365
        most = 4 / (theta * (1 + abs(rho)))
        phi = min(most, np.sqrt(most)) * random.uniform(0.05, 1)
        found.append(quoted(random, hl.SVI.from_natural(0, 0, rho, theta, phi, days / 365), days, 0.01))
    return found


def exact_sabr(size: int) -> list[Slice]:
    """SABR slices as they are."""
    import hedgelab as hl

    random, found = np.random.default_rng(1), []
    for _ in range(size):
        days, volatility, nu, rho = int(random.integers(7, 730)), *random.uniform([0.1, 0.1, -0.8], [0.6, 1, 0.5])
        smile = hl.SABR(volatility * FORWARD ** (1 - BETA), BETA, rho, nu, days / 365, FORWARD)
        found.append(quoted(random, smile, days, 0.0))
    return found


def raw(smile: hl.SVI) -> tuple[float, ...]:
    return smile.a, smile.b, smile.rho, smile.m, smile.sigma


def ours(slices: list[Slice], threads: int, butterflies: bool) -> Job:
    import hedgelab as hl

    def run():
        return [hl.SVI.fit(k, vol, days / 365, butterflies=butterflies) for days, k, vol in slices]

    return Job(run, lambda smiles: np.array([raw(smile) for smile in smiles]))


def quantlib(slices: list[Slice], threads: int) -> Job:
    """Its SVI, from its own start; vega-weighted off, as the others are."""
    import QuantLib as ql

    today = ql.Settings.instance().evaluationDate = ql.Date(1, 1, 2025)
    null = ql.nullDouble()

    def one(each: Slice):
        at_the_money = float(np.interp(0, each.log_moneyness, each.volatility))
        terms = (today + each.days, FORWARD, each.strike.tolist(), False, at_the_money, each.volatility.tolist())
        found = ql.SviInterpolatedSmileSection(*terms, *5 * [null], *5 * [False], False)
        return found.a(), found.b(), found.rho(), found.m(), found.sigma()

    return Job(lambda: [one(each) for each in slices])


def volsurface(slices: list[Slice], threads: int) -> Job:
    from volsurface.core import MarketSlice
    from volsurface.models import RawSVI

    def one(each: Slice):
        model = RawSVI()
        model.fit(MarketSlice(each.strike, each.volatility, each.expiry, FORWARD, FORWARD))
        found = model.params
        return found.a, found.b, found.rho, found.m, found.sigma

    return Job(lambda: [one(each) for each in slices])


def qsmile(slices: list[Slice], threads: int) -> Job:
    import pandas as pd
    from qsmile.data.meta import SmileMetadata
    from qsmile.data.vols import VolData
    from qsmile.models.result import fit
    from qsmile.models.svi import SVIModel

    today = pd.Timestamp("2025-01-01")

    def one(each: Slice):
        about = SmileMetadata(today, today + pd.Timedelta(days=each.days), forward=FORWARD)
        found = fit(VolData.from_mid_vols(each.strike, each.volatility, about), SVIModel).model.params
        return tuple(found[name] for name in ("a", "b", "rho", "m", "sigma"))

    return Job(lambda: [one(each) for each in slices])


def our_sabr(slices: list[Slice], threads: int) -> Job:
    import hedgelab as hl

    def run():
        return [hl.SABR.fit(k, vol, days / 365, beta=BETA, forward=FORWARD) for days, k, vol in slices]

    return Job(run, lambda smiles: np.array([(smile.alpha, smile.rho, smile.nu) for smile in smiles]))


def pysabr(slices: list[Slice], threads: int) -> Job:
    """From its own start; it wants volatilities in per cent."""
    from pysabr import Hagan2002LognormalSABR

    def one(each: Slice):
        model = Hagan2002LognormalSABR(FORWARD, 0.0, each.expiry, beta=BETA)
        return model.fit(each.strike, 100 * each.volatility)

    return Job(lambda: [one(each) for each in slices])


def svi_figures(slices: list[Slice], results: np.ndarray) -> dict[str, float]:
    """Misfit in basis points, median and worst tenth; how many slices have butterflies; how many are no smile."""
    import hedgelab as hl

    misfits, butterflies, wrong = [], 0, 0
    for each, parameters in zip(slices, results, strict=True):
        try:
            smile = hl.SVI(*parameters, expiry=each.expiry)
        except ValueError:
            wrong += 1
            continue
        butterflies += not smile.butterfly().free
        misfits.append(rms(smile, each))
    return quantiles(misfits) | {"butterflies": butterflies, "no smile": wrong}


def sabr_figures(slices: list[Slice], results: np.ndarray) -> dict[str, float]:
    """Misfit in basis points, median and worst."""
    import hedgelab as hl

    smiles = [hl.SABR(alpha, BETA, rho, nu, each.expiry, FORWARD)
              for each, (alpha, rho, nu) in zip(slices, results, strict=True)]  # fmt: skip
    misfits = [rms(smile, each) for smile, each in zip(smiles, slices, strict=True)]
    return quantiles(misfits) | {"worst": max(misfits), "off by 1 bp": np.sum(np.array(misfits) > 1)}


def rms(smile, each: Slice) -> float:
    return 1e4 * np.sqrt(np.mean((smile.volatility(each.log_moneyness) - each.volatility) ** 2))


def quantiles(misfits: list[float]) -> dict[str, float]:
    return {"median bp": np.median(misfits), "p90 bp": np.quantile(misfits, 0.9)}


def same_problem(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    """Whether the median misfit is one that these quotes can have."""
    return abs(theirs["median bp"] - ours["median bp"]) < 0.3 * ours["median bp"] + 1


def on_one(name: str, prepare, *packages: str) -> Contender:
    """A loop in Python; ours is one too, on whatever it is held to."""
    return Contender(name, prepare, packages, threads=(1,))


TABLES = {
    "f1": Table(
        title="SVI fitted to {size:,} slices of 20 quotes with 1 % of noise",
        unit="ns per slice",
        sizes=(500, 40),
        problem=noisy_svi,
        units=len,
        contenders=[
            Contender("hedgelab", lambda slices, threads: ours(slices, threads, False), ("numpy", "scipy")),
            Contender("hedgelab, any", lambda slices, threads: ours(slices, threads, True), ("numpy", "scipy")),
            on_one("QuantLib", quantlib, "QuantLib"),
            on_one("volsurface", volsurface, "volsurface"),
            on_one("qsmile", qsmile, "qsmile"),
        ],
        figures=svi_figures,
        agree=same_problem,
        columns={"median bp": ".2f", "p90 bp": ".2f", "butterflies": ".0f", "no smile": ".0f"},
        notes="any: butterflies allowed.  no smile: parameters whose total variance is not positive somewhere.",
    ),
    "f2": Table(
        title="SABR fitted to {size:,} exact slices of 20 quotes, beta one half",
        unit="ns per slice",
        sizes=(500, 40),
        problem=exact_sabr,
        units=len,
        contenders=[
            Contender("hedgelab", our_sabr, ("numpy", "scipy")),
            on_one("pysabr", pysabr, "pysabr"),
        ],
        figures=sabr_figures,
        agree=same_problem,
        columns={"median bp": ".4f", "p90 bp": ".4f", "worst": ".2f", "off by 1 bp": ".0f"},
        notes="Each from its own start.",
    ),
}
