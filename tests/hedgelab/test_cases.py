"""The case data are what their provenance says, and say so when they are not."""

import hashlib
import re

import extract_case_data
import numpy as np
import pandas as pd
import pytest

import hedgelab as hl
from hedgelab import cases

CASES = [hl.cases.october_1987, hl.cases.flash_crash_2010, hl.cases.march_2020]

# S&P 500 closes of October 1987 as documented in print.
CLOSES = {"13": 314.52, "14": 305.23, "15": 298.08, "16": 282.70, "19": 224.84, "20": 236.83, "21": 258.38}


def test_october_1987_has_the_documented_closes():
    crash = hl.cases.october_1987()
    for day, close in CLOSES.items():
        assert crash.prices.close[f"1987-10-{day}"] == close
    assert crash.prices.close.pct_change()["1987-10-19"] == pytest.approx(-0.2047, abs=5e-5)
    assert crash.indices.djia.diff()["1987-10-19"] == pytest.approx(-508, abs=0.5)
    assert crash.indices.vxo["1987-10-19"] == 150.19
    assert crash.market.prices.tolist() == crash.prices.close.tolist()


@pytest.mark.parametrize(
    ("case", "first", "last"),
    [(hl.cases.october_1987, "1987-08", "1987-12"), (hl.cases.flash_crash_2010, "2010-04", "2010-06")],
)
def test_every_price_lies_between_the_days_low_and_high(case, first, last):
    prices = case().prices
    assert (prices.low <= prices[["open", "close"]].min(axis=1)).all()
    assert (prices.high >= prices[["open", "close"]].max(axis=1)).all()
    assert prices.index.min().strftime("%Y-%m") == first
    assert prices.index.max().strftime("%Y-%m") == last


def test_the_flash_crash_has_the_documented_prices():
    """The low is of the S&P 500; the Dow Jones's, about 9.2 per cent, is another index's."""
    crash = hl.cases.flash_crash_2010()
    before, day = crash.prices.loc["2010-05-05"], crash.prices.loc["2010-05-06"]
    assert (before.close, day.low, day.close) == (1165.87, 1065.79, 1128.15)
    assert day.low / before.close - 1 == pytest.approx(-0.0858, abs=5e-5)
    assert day.close / before.close - 1 == pytest.approx(-0.0324, abs=5e-5)
    assert crash.vix.dropna().to_dict() == {before.name: 24.91, day.name: 32.80}
    assert crash.market.prices.tolist() == crash.prices.close.tolist()
    assert len(crash.prices) == 63


# Daily returns of the S&P 500 in March 2020, in per cent, as documented in print.
RETURNS = {"09": -7.60, "12": -9.51, "13": 9.29, "16": -11.98, "18": -5.18, "24": 9.38}


def test_march_2020_has_the_documented_returns():
    crash = hl.cases.march_2020()
    returns = 100 * crash.prices.close.pct_change()
    for day, move in RETURNS.items():
        assert returns[f"2020-03-{day}"] == pytest.approx(move, abs=5e-3)
    closes = crash.prices.close
    assert (closes[:"2020-03"].idxmax(), closes.idxmin()) == (
        pd.Timestamp("2020-02-19"),
        pd.Timestamp("2020-03-23"),
    )
    assert closes.min() / closes[:"2020-03"].max() - 1 == pytest.approx(-0.3392, abs=5e-5)
    assert list(crash.prices.columns) == ["close"]
    assert len(crash.prices) == 125
    assert crash.market.prices.tolist() == closes.tolist()


# The VIX at the close, as documented in print (Cboe).
VIX = {
    "02-19": 14.38, "02-24": 25.03, "02-28": 40.11, "03-09": 54.46, "03-12": 75.47,
    "03-13": 57.83, "03-16": 82.69, "03-18": 76.45, "03-24": 61.67, "03-31": 53.54,
}  # fmt: skip


def test_the_vix_is_known_on_ten_days_and_missing_on_the_others():
    crash = hl.cases.march_2020()
    assert crash.vix.index.equals(crash.prices.index)
    assert {f"{day:%m-%d}": close for day, close in crash.vix.dropna().items()} == VIX
    assert crash.vix.isna().sum() == 115


def test_a_close_on_a_day_without_prices_is_refused():
    with pytest.raises(cases.CaseDataError, match="closes must be of trading days, got one of 2020-02-22"):
        cases.records.on_days(pd.Series([20.0], [pd.Timestamp("2020-02-22")]), hl.cases.march_2020().prices.index)


@pytest.mark.parametrize("case", CASES)
def test_every_event_has_a_source_and_a_status_and_its_place_in_order(case):
    events = case().events
    assert events.source.str.len().gt(3).all()
    assert events.event.str.len().gt(20).all()
    assert set(events.status) <= {"recorded", "read", "read, as quoted", "second hand"}
    assert events.index.is_monotonic_increasing
    told = events.status == "second hand"
    assert events.event[told].str.contains("second hand").all()


@pytest.mark.parametrize("case", [hl.cases.flash_crash_2010, hl.cases.march_2020])
def test_times_of_the_day_are_of_their_day_and_in_order(case):
    events = case().events
    for _, day in events.groupby(level=0):
        assert day.time.dropna().is_monotonic_increasing
    timed = events.time.notna()
    assert (events.time[timed].dt.normalize() == events.index[timed]).all()


def test_the_times_of_6_may_are_those_of_the_report():
    events = hl.cases.flash_crash_2010().events
    reported = events[events.status == "read, as quoted"]
    assert reported.time.dropna().dt.strftime("%H:%M:%S").unique().tolist() == [
        "14:32:00", "14:40:00", "14:41:00", "14:45:00", "14:45:13", "14:45:28", "14:45:33", "15:08:00",
    ]  # fmt: skip
    assert reported.source.str.contains("Kirilenko, Kyle, Samadi and Tuzun").all()
    assert not reported.source.str.contains("Donohue|Duffy").any()  # a row has one source, and its status
    lowest = events[events.event.str.contains("lowest price of the hour was 1056")]
    assert lowest.status.tolist() == ["read"]
    assert lowest.source.str.startswith("C. Donohue").all()
    blamed = events.event[events.event.str.contains("portfolio insurance")]
    assert len(blamed) == 1
    assert blamed.iloc[0].startswith("The report")


def test_none_of_those_who_failed_in_2020_is_called_a_market_maker():
    failures = hl.cases.march_2020().failures
    assert not failures.kind.str.contains("market maker").any()
    assert sorted(failures.who.unique()) == [
        "AIMCo",
        "Malachite Capital",
        "Ronin Capital",
        "Structured Alpha (Allianz Global Investors)",
        "a client of ABN Amro Clearing",
    ]
    assert failures.status.isin(["read", "second hand"]).all()


def test_the_halts_of_march_2020():
    events = hl.cases.march_2020().events
    halts = events[events.event.str.contains("level-1 halt")]
    assert halts.time.dt.strftime("%d %H:%M").tolist() == ["09 09:34", "12 09:35", "16 09:30", "18 12:56"]


def test_the_margins_of_march_2020_are_at_second_hand_and_only_one_of_them_has_a_day():
    events = hl.cases.march_2020().events
    (margin,) = events[events.event.str.contains("initial margin")].itertuples()
    assert (margin.Index, margin.status) == (pd.Timestamp("2020-03-18"), "second hand")
    calls, pledge = margin.event.split(";")
    assert "United Kingdom peaked on this day, at over five times their average of January and February" in calls
    assert "31 per cent at its peak in March" in pledge


def test_the_tool_writes_the_files_that_are_here():
    """What it would write is only seen where its packages are; that it names them, and their columns, here."""
    assert {path.name for path in cases.DATA.glob("sp500_*.csv")} == set(extract_case_data.WINDOWS)
    for name, window in extract_case_data.WINDOWS.items():
        table = cases.read(name)
        told = table.attrs["provenance"]
        assert told["title"] == window.title
        assert told["caution"] == window.caution
        assert told["licence"] == window.source.licence
        assert f"PyPI package {window.source.package} " in told["source"]
        assert told["source"].endswith(window.source.file)
        assert ["date", *table.columns] == list(window.source.columns.values())
        assert window.first <= f"{table.index[0]:%Y-%m-%d}"
        assert f"{table.index[-1]:%Y-%m-%d}" <= window.last


def test_every_size_has_a_source_a_unit_and_a_status():
    """What is only recalled is not there: the insurers' sales day by day, the value of the whole market."""
    sizes = hl.cases.october_1987().sizes
    assert sizes.source.str.len().gt(3).all()
    assert set(sizes.unit) == {"$bn", "per cent"}
    assert set(sizes.status) == {"read", "second hand"}
    assert (sizes.high.isna() | (sizes.high >= sizes.low)).all()
    assert sizes.index.is_monotonic_increasing
    assert not sizes.low.isin([0.534, 0.968, 2.123, 4.037, 5.785, 2500.0]).any()


def test_the_sizes_and_the_closes_give_the_slope_of_the_crowd():
    """At least 12 billion for a fall of 10.7 log per cent."""
    crash = hl.cases.october_1987()
    called = crash.sizes.low[crash.sizes.quantity.str.contains("called for on the 14th")].iloc[0]
    fall = np.log(crash.prices.close["1987-10-13"] / crash.prices.close["1987-10-16"])
    assert fall == pytest.approx(0.107, abs=5e-4)
    assert called / fall == pytest.approx(112.5, abs=0.05)


def test_what_is_at_second_hand_says_so():
    """Henriques and Siegel tell it after others; of Carr and Wu only the opening was read."""
    crash = hl.cases.october_1987()
    unread = crash.events.source.str.contains("Henriques|Siegel")
    assert unread.sum() == 2
    assert crash.events.event[unread].str.contains("second hand").all()
    assert "second hand" in crash.indices.attrs["provenance"]["caution"]


def test_a_book_is_cited_by_what_every_edition_has():
    """Hull's chapter on liquidity risk has another number in each edition, and which one was read is not known."""
    hull = hl.cases.october_1987().events.source.loc[lambda source: source.str.contains("Hull")]
    assert len(hull) == 2
    assert hull.str.endswith("the chapter on liquidity risk").all()


@pytest.mark.parametrize("path", sorted(cases.DATA.glob("*.csv")), ids=lambda path: path.name)
def test_the_header_states_the_digest_of_the_data(path):
    text = path.read_text(encoding="utf-8")
    header = [line for line in text.splitlines(keepends=True) if line.startswith("#")]
    body = text[len("".join(header)) :]
    (stated,) = re.findall(r"# sha256: ([0-9a-f]{64})", "".join(header))
    assert hashlib.sha256(body.encode()).hexdigest() == stated
    for name in ("title", "source", "licence", "columns"):
        assert any(line.startswith(f"# {name}: ") for line in header), name


def test_apples_smile_is_as_it_was_published():
    """Forty-two strikes; the first, the last and the least; what is unknown of them is said."""
    quoted = hl.cases.apple_smile()
    assert len(quoted.volatility) == 42
    assert (quoted.spot, round(quoted.expiry * 365)) == (129.62, 23)
    assert quoted.volatility[85.0] == 0.589989
    assert quoted.volatility[170.0] == 0.382565
    assert quoted.volatility.idxmin() == 140
    assert quoted.volatility.index.is_monotonic_increasing
    assert quoted.log_moneyness[130.0] == pytest.approx(np.log(130 / 129.62))
    told = cases.read("apple_smile_2015.csv", index="strike").attrs["provenance"]
    assert "Jacquier" in told["source"]
    assert "unknown" in told["licence"]
    assert "unknown" in told["caution"]


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(cases.CaseDataError, match=re.escape(f"{tmp_path / 'x.csv'} is missing")):
        cases.read("x.csv", tmp_path)


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text.replace("224.84", "244.84"), "is corrupted: the data have sha256"),
        (lambda text: text[: len(text) // 2], "is corrupted: the data have sha256"),
        (lambda text: re.sub("# sha256.*\n", "", text), "is corrupted: its header states no sha256"),
        (lambda text: "", "is corrupted: its header states no sha256"),
    ],
    ids=["a digit changed", "cut short", "no digest", "empty"],
)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path, damage, complaint):
    original = (cases.DATA / "sp500_1987.csv").read_text(encoding="utf-8")
    damaged = tmp_path / "sp500_1987.csv"
    damaged.write_text(damage(original), encoding="utf-8")
    with pytest.raises(cases.CaseDataError, match=re.escape(f"{damaged} {complaint}")):
        cases.read("sp500_1987.csv", tmp_path)


def test_a_file_that_is_not_text_is_named(tmp_path):
    (tmp_path / "sp500_1987.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(cases.CaseDataError, match="is corrupted: it is not UTF-8 text"):
        cases.read("sp500_1987.csv", tmp_path)


def test_the_public_copy_of_the_vix_agrees_with_the_ten_closes_of_the_case_and_has_the_days_between():
    """It is told apart from them: another file, which says where it was copied."""
    copied, case = cases.read("vix_2020_copy.csv"), hl.cases.march_2020()
    known = case.vix.dropna()
    assert len(known) == 10
    assert (copied.vix[known.index] == known).all()
    assert copied.index.equals(case.prices["2020-01-31":"2020-04-30"].index)
    assert "public copy" in copied.attrs["provenance"]["title"]
