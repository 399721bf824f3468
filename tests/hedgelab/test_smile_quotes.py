"""The reader's own chain: what is read, refused and left out, and the surface that comes of it."""

import datetime
import io

import numpy as np
import pytest

import hedgelab as hl
from hedgelab import black_scholes
from hedgelab.smile import QuotesError

SMILES = {
    0.25: hl.SVI(0.005, 0.05, -0.5, 0.02, 0.1, expiry=0.25),
    1.0: hl.SVI(0.03, 0.08, -0.4, 0.02, 0.2, expiry=1),
}
RATE, DIVIDEND, SPOT = 0.04, 0.01, 100.0


def chain(half_spread=0.01, expiries=(0.25, 1.0)):
    """Calls and puts at ten to nineteen strikes of two expiries, at the smiles' volatilities."""
    rows = []
    for years in expiries:
        forward = SPOT * np.exp((RATE - DIVIDEND) * years)
        for strike in np.arange(80.0, 126.0, 2.5):
            volatility = SMILES[years].volatility(np.log(strike / forward))
            for kind in ("call", "put"):
                price = black_scholes.price(kind, SPOT, strike, years, volatility, RATE, DIVIDEND)
                rows.append((kind, strike, years, max(price - half_spread, 0), price + half_spread))
    return rows


def quotes(rows, **terms):
    return hl.Quotes(*zip(*rows, strict=True), **({"spot": SPOT} | terms))


def text(rows, header="kind,strike,expiry,bid,ask"):
    return "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n"


def test_a_chain_gives_back_the_surface_that_priced_it():
    surface = quotes(chain(half_spread=0.001)).fit()
    assert surface.expiries == (0.25, 1.0)
    for years, smile in SMILES.items():
        forward = SPOT * np.exp((RATE - DIVIDEND) * years)
        assert surface.forward(years) == pytest.approx(forward, rel=1e-9)
        strike = np.linspace(82, 123, 20)
        np.testing.assert_allclose(surface(strike, years), smile.volatility(np.log(strike / forward)), atol=2e-4)
    assert surface.report.rms < 0.05


def test_parity_tells_forwards_and_discount_factors():
    found = quotes(chain())
    for years in SMILES:
        assert found.parities[years].forward == pytest.approx(SPOT * np.exp(0.03 * years), rel=1e-9)
        assert found.parities[years].discount == pytest.approx(np.exp(-RATE * years), rel=1e-9)
        assert found.parities[years].strikes == 19


def test_a_few_stale_quotes_do_not_move_the_forward():
    rows = chain()
    for place in (8, 20):  # calls, the first in the money, the other at it
        kind, strike, years, bid, ask = rows[place]
        rows[place] = (kind, strike, years, bid - 0.3, ask - 0.3)
    found = quotes(rows).parities[0.25]
    assert found.forward == pytest.approx(SPOT * np.exp(0.03 * 0.25), rel=1e-6)


def test_a_rate_that_is_given_is_taken():
    found = quotes(chain(), rate=RATE).parities[1.0]
    assert found.discount == pytest.approx(np.exp(-RATE))
    assert found.forward == pytest.approx(SPOT * np.exp(0.03))


def test_without_pairs_the_forward_is_the_spot_at_the_rate():
    calls = [row for row in chain() if row[0] == "call"]
    assert quotes(calls, rate=0.02).parities[1.0] == (pytest.approx(SPOT * np.exp(0.02)), np.exp(-0.02), 0)


def test_what_is_left_out_is_told_row_by_row():
    rows = chain()
    rows[1] = ("put", rows[1][1], rows[1][2], 0.0, 0.05)
    rows.append(("call", 100.0, 2.0, 8.0, 8.2))
    rows += [
        ("call", strike, 3.0, 12.0 - 0.1 * (strike - 105), 15.0 - 0.1 * (strike - 105))
        for strike in (105, 107, 110, 115, 120)
    ]
    found = quotes(rows)
    why = dict(found.left_out)
    assert why[2] == "in the money"  # the call at 80
    assert why[3] == "a bid of zero"
    assert why[len(chain()) + 2] == "fewer than 5 quotes of its expiry are left"
    assert {why[line] for line in range(len(chain()) + 3, len(chain()) + 8)} == {
        "all quotes of its expiry are on one side of the money"
    }
    used = found.volatilities
    assert sorted([*used.line, *why]) == list(range(2, len(rows) + 2))
    assert set(used.expiry) == {0.25, 1.0}
    assert found.fit().report.left_out == found.left_out


def test_what_is_used_is_out_of_the_money_and_lies_between_bid_and_ask():
    found = quotes(chain())
    used, rows = found.volatilities, chain()
    for line, k, bid, middle, ask in zip(
        used.line, used.log_moneyness, used.bid, used.middle, used.ask, strict=True
    ):
        kind, strike, years, *_ = rows[line - 2]
        assert (k >= 0) == (kind == "call")
        assert bid < middle < ask
        assert bid < SMILES[years].volatility(k) < ask
        assert k == pytest.approx(np.log(strike / (SPOT * np.exp(0.03 * years))), abs=1e-9)


def test_an_ask_above_all_volatilities_is_left_out():
    rows = chain()
    rows[-2] = ("call", rows[-2][1], 1.0, 0.5, 150.0)
    assert dict(quotes(rows).left_out)[len(rows)] == "no volatility gives these prices"


def test_the_table_has_every_row_with_what_became_of_it():
    table = quotes(chain()).table()
    assert len(table) == len(chain())
    assert table.index[0] == 2
    assert (table.left_out.isna() == table.middle_volatility.notna()).all()


@pytest.mark.parametrize("how", ["path", "text path", "open file", "byte order mark", "capitals and more columns"])
def test_a_file_is_read_as_the_rows_it_holds(tmp_path, how):
    rows = chain()
    path = tmp_path / "chain.csv"
    header = "Kind, Strike,EXPIRY ,bid,ask,volume" if how.startswith("capitals") else "kind,strike,expiry,bid,ask"
    content = text([(*row, 7) if how.startswith("capitals") else row for row in rows], header)
    path.write_text(content, encoding="utf-8-sig" if how.startswith("byte") else "utf-8")
    source = {"text path": str(path), "open file": io.StringIO(content)}.get(how, path)
    found, same = hl.Quotes.read_csv(source, spot=SPOT), quotes(rows)
    for name in ("kind", "strike", "expiry", "bid", "ask", "line"):
        np.testing.assert_array_equal(getattr(found, name), getattr(same, name))


@pytest.mark.parametrize("today", ["2015-05-27", datetime.date(2015, 5, 27), np.datetime64("2015-05-27")], ids=str)
def test_dates_become_years_of_365_days(today):
    file = io.StringIO(text([("C", 100, "2015-06-19", 1, 1.1), ("p", 100, "2016-05-26", 1, 1.1)]))
    found = hl.Quotes.read_csv(file, spot=SPOT, today=today)
    np.testing.assert_allclose(found.expiry, [23 / 365, 1])
    assert found.kind.tolist() == ["call", "put"]


def test_empty_lines_are_passed_over_and_lines_are_counted_as_an_editor_does():
    file = io.StringIO("kind,strike,expiry,bid,ask\n\ncall,100,1,2,3\n\nput,100,1,x,3\n")
    with pytest.raises(QuotesError) as caught:
        hl.Quotes.read_csv(file, spot=SPOT)
    assert caught.value.complaints == ((5, "bid must be a number, got 'x'"),)


BAD = {
    "call,100,1,3.1,3.0": "bid must not be above ask, got 3.1 and 3, crossed",
    "call,100,1,,3.0": "bid is missing",
    "call,,1,2,3.0": "strike is missing",
    "call,100,1,2,three": "ask must be a number, got 'three'",
    "call,100,1,nan,3": "bid must be zero or more, and finite, got nan",
    "call,100,1,2,inf": "ask must be positive and at most 1e+12, got inf",
    "straddle,100,1,2,3": 'kind must be "call" or "put", got \'straddle\'',
    ",100,1,2,3": 'kind must be "call" or "put", got \'\'',
    "call,0,1,2,3": "strike must be positive and at most 1e+12, got 0",
    "call,-5,1,2,3": "strike must be positive and at most 1e+12, got -5",
    "call,100,0,2,3": "expiry must be positive and at most 50, got 0 (it has passed)",
    "call,100,2015-05-26,2,3": "expiry must be positive and at most 50, got -0.00273973 (it has passed)",
    "call,100,2015-06-19 or so,2,3": "expiry must be years or a date such as 2015-06-19, got '2015-06-19 or so'",
    "call,1_00,1,2,3": "strike must be a number, got '1_00'",
    "call,100,1,2,5,3,5": "must have a cell for each of 5 columns, got more",
    "call,100,soon,2,3": "expiry must be years or a date such as 2015-06-19, got 'soon'",
    "call,100,1,-1,3": "bid must be zero or more, and finite, got -1",
    "call,100,1,0,0": "ask must be positive and at most 1e+12, got 0",
    "call,90,1,12,12.5": "call 90 is quoted already in line 2",
    "C,90.0,1.0,12,12.5": "call 90 is quoted already in line 2",
    "call,95,1,13,14": "calls must fall with strike, got a bid of 13 at 95 above an ask of 12.5 at 90 in line 2",
    "put,80,1,4,5": "puts must rise with strike, got a bid of 4 at 80 above an ask of 3.5 at 90 in line 3",
}
GOOD = "kind,strike,expiry,bid,ask\ncall,90,1,12,12.5\nput,90,1,3,3.5\n"


@pytest.mark.parametrize(("row", "complaint"), BAD.items(), ids=BAD)
def test_a_bad_row_is_named_by_its_line(row, complaint):
    with pytest.raises(QuotesError) as caught:
        hl.Quotes.read_csv(io.StringIO(GOOD + row + "\n"), spot=SPOT, today="2015-05-27")
    assert caught.value.complaints == ((4, complaint),)
    assert f"line 4: {complaint}" in str(caught.value)


def test_all_bad_rows_are_in_one_error():
    with pytest.raises(QuotesError) as caught:
        hl.Quotes.read_csv(io.StringIO(GOOD + "\n".join(BAD) + "\n"), spot=SPOT, today="2015-05-27")
    assert {line for line, _ in caught.value.complaints} >= set(range(4, 4 + len(BAD))) - {20, 21}
    assert str(caught.value).startswith(
        f"quotes must be what a market can show, got {len(caught.value.complaints)} bad"
    )


def test_a_date_needs_today_and_says_so():
    with pytest.raises(QuotesError, match="line 2: expiry is a date, 2015-06-19: today must be given"):
        hl.Quotes.read_csv(io.StringIO(text([("C", 100, "2015-06-19", 1, 1.1)])), spot=SPOT)


def test_a_comma_at_the_end_and_an_hour_of_the_day_are_no_faults():
    found = hl.Quotes.read_csv(
        io.StringIO(GOOD + "call,100,2015-06-19T16:00,2,3,,\n"), spot=SPOT, today="2015-05-27"
    )
    assert found.expiry[-1] == 23 / 365


def test_a_column_that_is_there_twice_is_refused():
    with pytest.raises(ValueError, match=r"columns must be .*: strike there twice"):
        hl.Quotes.read_csv(io.StringIO("kind,strike,Strike ,expiry,bid,ask\ncall,100,200,1,2,3\n"), spot=SPOT)


@pytest.mark.parametrize("how", ["another encoding", "opened as bytes"])
def test_a_file_that_is_no_text_is_refused(tmp_path, how):
    path = tmp_path / "chain.csv"
    path.write_bytes(GOOD.encode() + b"call,100,1,2,\xe9\n")
    source = path if how == "another encoding" else io.BytesIO(GOOD.encode())
    with pytest.raises(ValueError, match="source must be comma-separated text in UTF-8, but "):
        hl.Quotes.read_csv(source, spot=SPOT)


@pytest.mark.parametrize("spot", [1.0, 45.0, 10_000.0])
def test_the_spot_of_another_share_is_refused(spot):
    with pytest.raises(ValueError, match="spot must be within a factor of two a year of the forwards"):
        quotes(chain(), spot=spot)


def test_arrays_are_checked_as_files_are():
    with pytest.raises(QuotesError, match="line 3: strike must be positive and at most"):
        hl.Quotes(["call", "put"], [100, None], 2 * [1.0], [1, 1], [2, 2], spot=SPOT)


def test_apples_smile_is_read_from_prices_as_from_volatilities():
    """Its volatilities as prices of both kinds a hundredth of a cent wide."""
    apple = hl.cases.apple_smile()
    rows = []
    for strike, volatility in apple.volatility.items():
        for kind in ("call", "put"):
            price = black_scholes.price(kind, apple.spot, strike, apple.expiry, volatility)
            rows.append((kind, strike, apple.expiry, price, price))
    with pytest.raises(QuotesError) as caught:
        quotes(rows, spot=apple.spot)
    assert all("must" in what for _, what in caught.value.complaints)
    assert 0 < len(caught.value.complaints) < 20


def test_a_noisy_chain_is_fitted_within_its_spreads():
    """Middles off by half the half spread: the surface costs next to nothing, and has no arbitrage."""
    random = np.random.default_rng(1)
    rows = []
    for kind, strike, years, bid, ask in chain(half_spread=0.03):
        shift = 0.015 * random.uniform(-1, 1)
        rows.append((kind, strike, years, max(bid + shift, 0.0), ask + shift))
    surface = quotes(rows).fit()
    assert surface.report.rms < 1
    assert surface.calendar().free
    assert surface.butterflies() == {}
    assert surface.forward(1.0) == pytest.approx(SPOT * np.exp(0.03), abs=0.02)
