"""Time `hedge` against a full-matrix NumPy version of the same thing, in one run, on one thread.

    python -m benchmarks                        # 100,000 paths, 252 steps, median of 5
    python -m benchmarks --paths 20000 --repeat 3

Each measurement runs in a process of its own, so that the memory it needs can be read off.  The two take turns, so
that a slow spell of the machine falls on both, and the ratio is taken turn by turn.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
CONTENDERS = ("hedge", "full matrix")


def measure(contender: str, n_paths: int, steps: int) -> None:
    """Run one contender once and print seconds, extra memory in MiB, mean and standard deviation of the P&L."""
    import hedgelab as hl
    from benchmarks import full_matrix

    option, market = hl.Option("call", strike=105, expiry=1.0), hl.GBM(spot=100, volatility=0.2, drift=0.05)

    def run(paths: int):
        if contender == "hedge":
            return hl.hedge(option, market=market, steps=steps, n_paths=paths, seed=1, volatility=0.2,
                            cost=hl.ProportionalCost(0.001)).pnl  # fmt: skip
        return full_matrix.hedge(option, market, steps, paths, volatility=0.2, cost=0.001)[0]

    run(100)  # imports and first-call work are not what is measured
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    pnl = run(n_paths)
    seconds = time.perf_counter() - start
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, kibibytes elsewhere
    extra = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit
    print(seconds, extra, pnl.mean(), pnl.std())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=100_000)
    parser.add_argument("--steps", type=int, default=252)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--measure", choices=CONTENDERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.paths, arguments.steps)
        return

    size = [f"--paths={arguments.paths}", f"--steps={arguments.steps}"]
    results: dict[str, list[list[float]]] = {contender: [] for contender in CONTENDERS}
    for _ in range(arguments.repeat):
        for contender, rows in results.items():
            command = [sys.executable, "-m", "benchmarks", *size, "--measure", contender]
            output = subprocess.run(
                command, env=os.environ | ONE_THREAD, check=True, capture_output=True, text=True
            )
            rows.append([float(number) for number in output.stdout.split()])

    path_steps = arguments.paths * arguments.steps
    print(f"{arguments.paths:,} paths x {arguments.steps} steps, one thread, median of {arguments.repeat}")
    print(f"{'':14}{'ns per path-step':>18}{'extra memory':>16}{'mean P&L':>12}{'sd of P&L':>12}")
    for contender, rows in results.items():
        seconds, extra, mean, spread = map(statistics.median, zip(*rows, strict=True))
        print(f"{contender:14}{1e9 * seconds / path_steps:18.1f}{extra:12.1f} MiB{mean:12.4f}{spread:12.4f}")
    pairs = zip(results["full matrix"], results["hedge"], strict=True)
    ratios = [matrix[0] / ours[0] for matrix, ours in pairs]
    print(f"full matrix / hedge: {statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})")


if __name__ == "__main__":
    main()
