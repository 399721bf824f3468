"""How runs are computed: speed and memory depend on it, results do not."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Annotated, Any

from tqdm.auto import tqdm

from hedgelab.markets import BLOCK, Block, Seed, blocks_of
from hedgelab.validation import Checked, count, optional, truth


@dataclass(frozen=True)
class _Settings(Checked):
    workers: Annotated[int | None, optional(count)] = None
    block_size: Annotated[int | None, optional(count)] = None
    progress: Annotated[bool | None, optional(truth)] = None


USUAL = _Settings()
_settings: ContextVar[_Settings] = ContextVar("settings", default=USUAL)


@contextmanager
def computing(
    *, workers: int | None = None, block_size: int | None = None, progress: bool | None = None
) -> Iterator[None]:
    """Compute the runs inside this ``with`` block so; what is left out stays as it was around it.

    Parameters
    ----------
    workers : blocks of paths walked at a time, in processes of their own.  They take seconds to start, and then
        stay: worth it for a run that takes longer.  Joblib's own setting unless given, so that
        ``with joblib.parallel_config(backend="dask")`` sends the blocks to a cluster.  Functions given to a run
        must not count on seeing each other's blocks
    block_size : paths walked together, 16,000 unless given, more for several workers
    progress : show a bar; unless given, only on runs of more than two seconds

    Raises
    ------
    ValueError
        Names the argument, the value and the rule it breaks.

    Examples
    --------
    >>> import hedgelab as hl
    >>> with computing(block_size=1000, progress=False):
    ...     run = hl.hedge(hl.Option("call", 100, 0.25), market=hl.GBM(100, 0.2), volatility=0.2, steps=3,
    ...                    n_paths=5000, seed=1)
    >>> len(run.blocks)
    5
    """
    given = vars(_Settings(workers, block_size, progress))
    changes = {name: value for name, value in given.items() if value is not None}
    token = _settings.set(replace(_settings.get(), **changes))
    try:
        yield
    finally:
        _settings.reset(token)


def blocks(n_paths: int, seed: Seed) -> list[Block]:
    """The blocks of a run: as many paths as fit the processor's cache, or fewer and larger ones for workers.

    Examples
    --------
    >>> [block.n_paths for block in blocks(20_000, seed=1)]
    [16000, 4000]
    """
    workers, size = _settings.get().workers, _settings.get().block_size
    if size is None and workers not in (None, 1):
        share = -(-count("n_paths", n_paths) // workers)
        size = min(max(share, BLOCK), 4 * BLOCK)
    return blocks_of(n_paths, seed, size or BLOCK)


def each(walk: Callable[[Any, Block], Any], terms: Any, blocks: Sequence[Block]) -> Iterator[tuple[Block, Any]]:
    """Each block and what ``walk(terms, block)`` makes of it, in their order, with a bar where it takes long.

    Examples
    --------
    >>> [total for _, total in each(lambda factor, block: factor * block.n_paths, 2, blocks(20_000, seed=1))]
    [32000, 8000]
    """
    results = _walked(walk, terms, blocks, _settings.get().workers)
    progress = _settings.get().progress
    if progress is None and os.environ.get("TQDM_DISABLE"):  # which tqdm's bar for notebooks does not heed
        progress = False
    shown = results if progress is False else tqdm(results, "hedge", len(blocks), delay=0 if progress else 2)
    try:
        yield from zip(blocks, shown, strict=True)
    finally:
        results.close()


def _walked(
    walk: Callable[[Any, Block], Any], terms: Any, blocks: Sequence[Block], workers: int | None
) -> Generator[Any, None, None]:
    """What comes of the blocks in their order, each as soon as it is there if the backend can do that."""
    import joblib  # takes a while

    class Parallel(joblib.Parallel):  # type: ignore[misc]
        """Blocks that nobody will ask for any more, since the run was interrupted, are called off silently."""

        def _warn_exit_early(self) -> None:  # to silence it by a filter would change the filters of all threads
            pass

    # threads would do as well, but for Python's lock, handed over at each of the loop's many short operations
    options = {"n_jobs": workers and min(workers, len(blocks)), "prefer": "processes"}
    walked = joblib.delayed(walk)
    try:
        results = Parallel(return_as="generator", **options)
    except ValueError:  # joblib's multiprocessing: all of them at once, and what it is sent must be packed for it
        packed = joblib.wrap_non_picklable_objects(terms, keep_wrapper=False)
        yield from Parallel(**options)(walked(packed, block) for block in blocks)
    else:
        yield from results(walked(terms, block) for block in blocks)
