"""Executors for a campaign's tasks: this process, processes of this machine, or a Dask cluster."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from tla_sim.protocol.errors import Category, TlaError

T = TypeVar("T")


class SchedulerUnusable(TlaError):
    """The Dask cluster cannot be used."""

    category = Category.LINK


class Inline(Executor):
    """Runs each task at once, in this process."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Run a task. Return its future, which is done. Ctrl-C passes through."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def _ignore_interrupts() -> None:
    # Ctrl-C reaches the whole process group; only the process that collects results may react to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def local(jobs: int) -> Iterator[Executor]:
    """Run tasks in this many processes of this machine; with one job, in this process."""
    if jobs == 1:
        yield Inline()
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupts)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Run tasks on the Dask cluster at `address`. Yield an executor and the number of workers.

    Raises SchedulerUnusable when dask.distributed is missing or nobody answers.
    """
    try:
        from distributed import Client
    except ImportError:
        raise SchedulerUnusable("dask.distributed is not installed", "pip install 'tla-sim[fuzz]'") from None
    try:
        client: Any = cast(Any, Client)(address, timeout="10s")
    except (OSError, TimeoutError, ValueError) as error:
        raise SchedulerUnusable(
            "No Dask scheduler at {address}: {reason}",
            "Start one: dask scheduler",
            address=address,
            reason=str(error),
        ) from None
    try:
        workers = len(client.nthreads())
        if not workers:
            raise SchedulerUnusable(
                "The scheduler at {address} has no workers", "Start one: dask worker", address=address
            )
        yield client.get_executor(pure=False), workers
    finally:
        client.close()
