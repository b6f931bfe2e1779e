"""A bounded memory of compiled programs, one a process."""

from __future__ import annotations

import atexit
import contextlib
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable

from estimators._tensorflow import clear_kernel_cache
from estimators.engine.key import ProgramKey
from estimators.engine.program import EpochProgram

__all__ = ["PROGRAMS", "ProgramCache"]


class ProgramCache:
    """Keeps the programs that were used last.

    TensorFlow keeps a kernel for every shape that a variable ever had, about a megabyte a
    structure. Whenever as many programs as are kept have been dropped, the kernels are freed as
    well, as ``keras.utils.clear_session`` frees them; those in use are made anew, within
    milliseconds. Of the program around, only the legacy random operations that have a seed of
    their own notice it: they begin their sequence again.

    Parameters
    ----------
    size : int, default=64
        How many are kept.
    """

    def __init__(self, size: int = 64):
        self.size = size
        self._n_dropped = 0
        self._programs: OrderedDict[ProgramKey, EpochProgram] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self, key: ProgramKey, make: Callable[[ProgramKey], EpochProgram] = EpochProgram
    ) -> EpochProgram:
        """Return the program of a key, made if need be."""
        with self._lock:
            if key not in self._programs:
                self._programs[key] = make(key)
                while len(self._programs) > self.size:
                    self._drop_oldest()
            self._programs.move_to_end(key)
            return self._programs[key]

    def compile_ahead(
        self, key: ProgramKey, make: Callable[[ProgramKey], EpochProgram] = EpochProgram
    ) -> None:
        """Make the program of a key, and have an idle core compile it, if there is one.

        Whoever needs a program whose turn has not come compiles it himself. What fails here is
        told to him as well.
        """
        with self._lock:
            is_known = key in self._programs
        if not is_known and key.jit:
            program = self.get(key, make)
            _end_with_the_process()
            threading.Thread(target=_compile_in_turn, args=[program], daemon=True).start()

    def _drop_oldest(self) -> None:
        self._programs.popitem(last=False)
        self._n_dropped += 1
        if self._n_dropped % self.size == 0:
            clear_kernel_cache()

    def __len__(self) -> int:
        return len(self._programs)

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._programs.clear()


_turn = threading.Lock()
_ending = threading.Event()


def _compile_in_turn(program: EpochProgram) -> None:
    with _turn, contextlib.suppress(Exception):
        if not _ending.is_set():
            program.compile()


@functools.cache
def _end_with_the_process() -> None:
    """Have a process that ends wait for the program that is just being compiled, and begin no more.

    XLA would crash where what it uses is taken down meanwhile.
    """
    atexit.register(_end)


def _end() -> None:
    _ending.set()
    with _turn:
        pass


PROGRAMS = ProgramCache()
