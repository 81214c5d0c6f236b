"""Turns the files of ``content/`` into the demo province, a part at a time.

Each part is one transaction and writes a ``Loaded`` row last, so a load that was cut off goes
on with the part it was in, and loading again changes nothing.
"""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

CONTENT = Path(__file__).resolve().parents[1] / "content"

Item = TypeVar("Item")


class Tracker(Protocol):
    """Reports how far a part is; the command passes one that draws a bar."""

    def __call__(self, items: Iterable[Item], total: int, title: str) -> Iterator[Item]: ...


def read(name: str) -> dict:
    """The content file ``name``, parsed."""
    return tomllib.loads((CONTENT / name).read_text(encoding="utf-8"))
