"""Named points at which a test can make the program fail, stop or wait.

An app declares its points beside the code that reaches them; where nothing is armed, reaching
one costs a look at an empty dict.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Effect = BaseException | type[BaseException] | Callable[[], object]

_declared: set[str] = set()
_armed: dict[str, Armed] = {}


class UnknownFailpoint(LookupError):
    """No code has declared this point: most likely a slip of the pen."""


class Armed:
    """One armed point: counts how often it was reached and fires at the ``nth`` time, once."""

    def __init__(self, effect: Effect, nth: int) -> None:
        self.effect = effect
        self.nth = nth
        self.reached = 0
        self._lock = threading.Lock()

    def reach(self) -> None:
        """Count, and raise or call the effect when it is its turn."""
        with self._lock:
            self.reached += 1
            fires = self.reached == self.nth
        if not fires:
            return
        if isinstance(self.effect, BaseException):
            raise self.effect
        if isinstance(self.effect, type) and issubclass(self.effect, BaseException):
            raise self.effect
        self.effect()


def declare(*names: str) -> None:
    """Make points known, at import of the module that reaches them."""
    _declared.update(names)


def names() -> list[str]:
    """All declared points, in alphabetical order; a test of crashes goes through them."""
    return sorted(_declared)


def reach(name: str) -> None:
    """Say that the program has come to a point; does nothing unless a test armed it."""
    if not _armed:
        return
    if name not in _declared:
        raise UnknownFailpoint(name)
    point = _armed.get(name)
    if point is not None:
        point.reach()


@contextmanager
def armed(name: str, effect: Effect, nth: int = 1) -> Iterator[Armed]:
    """Let the ``nth`` reaching of a point raise ``effect`` or call it, in any thread.

    Yields a count of how often the point was reached. Raises UnknownFailpoint.
    """
    if name not in _declared:
        raise UnknownFailpoint(name)
    before = _armed.get(name)
    point = _armed[name] = Armed(effect, nth)
    try:
        yield point
    finally:
        if before is None:
            del _armed[name]
        else:
            _armed[name] = before
