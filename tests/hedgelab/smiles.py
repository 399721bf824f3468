"""Random smiles that have no butterflies, and quotes of them: what tests of fits begin with."""

import numpy as np

import hedgelab as hl

VOGT = hl.SVI(a=-0.0410, b=0.1331, rho=0.3060, m=0.3586, sigma=0.4153, expiry=1)


def free_svi(random):
    """An SSVI slice that is free by Gatheral & Jacquier's theorem 4.2."""
    expiry, volatility, rho = (
        np.exp(random.uniform(np.log(0.02), np.log(2))),
        *random.uniform([0.1, -0.9], [0.6, 0.5]),
    )
    theta = volatility**2 * expiry
    most = 4 / (theta * (1 + abs(rho)))
    phi = min(most, np.sqrt(most)) * random.uniform(0.05, 1)
    return hl.SVI.from_natural(0, 0, rho, theta, phi, expiry)


def free_sabr(random):
    """A SABR slice without butterflies among the strikes that are quoted."""
    while True:
        expiry, beta = np.exp(random.uniform(np.log(0.02), np.log(2))), random.choice([0.0, 0.5, 0.7, 1.0])
        volatility, nu, rho = random.uniform([0.1, 0.1, -0.9], [0.6, 1.5, 0.6])
        forward = random.choice([1.0, 100.0])
        nu = nu / np.sqrt(max(expiry, 0.25))
        smile = hl.SABR(volatility * forward ** (1 - beta), beta, rho, nu, expiry, forward)
        deviation = np.sqrt(smile.total_variance(0))
        if smile.butterfly(-3 * deviation, 2.5 * deviation).free:
            return smile


def strikes(random, smile):
    """Log moneyness of some quotes, up to three standard deviations below the money and two and a half above."""
    while True:
        deviation = np.sqrt(smile.total_variance(0))
        k = np.sort(random.uniform(-3 * deviation, 2.5 * deviation, random.integers(8, 40)))
        if k[0] < 0 < k[-1]:
            return k


def least_density(smile, reach=8.0, points=20_001):
    """The least density over normal's, on an even grid: an independent look for butterflies."""
    deviation = np.sqrt(smile.total_variance(0))
    k = np.linspace(-1, 1, points) * min(reach * max(deviation, 0.2), 40)
    step = k[1] - k[0]
    call = hl.black_scholes.price("call", 1.0, np.exp(k), smile.expiry, smile.volatility(k))
    by_strike = np.diff(call) / np.diff(np.exp(k))
    return float((np.diff(by_strike) / step).min())
