"""hedgelab beside the obvious way and beside other libraries, in one run, on one thread and on two.

    python -m benchmarks                        # everything; about half an hour
    python -m benchmarks --only a,c --rounds 3
    python -m benchmarks --quick                # smaller problems, one round: to see that it works

(a) price and Greeks, (b) implied volatility, (c) hedging, (d) paths, (e) a crowd that moves the price, (f) smiles
fitted to quotes, (g) a desk from quote to order.
"""

from __future__ import annotations

import argparse
import json

from benchmarks import crowd, desk, hedging, implied, paths, pricing, smile
from benchmarks.harness import compare, measure

TABLES = {
    "a": pricing.TABLE,
    "b": implied.TABLE,
    "c": hedging.TABLE,
    **paths.TABLES,
    "e": crowd.TABLE,
    **smile.TABLES,
    **desk.TABLES,
}


def main() -> None:
    """Print the tables, or with --measure one measurement."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="a,b,c,d,e,f,g", help="tables, separated by commas: a to g")
    parser.add_argument("--rounds", type=int, help="5 unless given")
    parser.add_argument("--quick", action="store_true", help="smaller problems, one round")
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        key, name, size, threads = arguments.measure
        contender = next(each for each in TABLES[key].contenders if each.name == name)
        print(json.dumps(measure(TABLES[key], contender, int(size), int(threads))))
        return

    wanted = {key: table for key, table in TABLES.items() if key[0] in arguments.only.split(",")}
    for key, table in wanted.items():
        compare(key, table, table.sizes[arguments.quick], arguments.rounds or (1 if arguments.quick else 5))
    missing = {package for table in wanted.values() for each in table.contenders for package in each.missing()}
    if missing:
        print(f"Left out, not installed: {', '.join(sorted(missing))}.  See benchmarks/README.md.")


if __name__ == "__main__":
    main()
