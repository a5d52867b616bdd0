"""Registers behind a bus as a numpy array, which is how pynq maps them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Bus(Protocol):
    """What is read and written by address, 32 bits at a time."""

    def read(self, address: int) -> int:
        """Return the word at ``address``."""

    def write(self, address: int, value: int) -> None:
        """Write the word at ``address``."""


class Window(np.ndarray):
    """Words [n] of 32 bits (as a view also of 64) whose elements are read from a bus and written to it.

    A slice is such a window too, and is read once when it is taken; what is computed from a window is an ordinary
    array.
    """

    _bus: Bus | None = None
    _address = 0
    _first = 0
    _bytes = 0

    @classmethod
    def over(cls, bus: Bus, address: int, length: int) -> Window:
        """Return the window of ``length`` bytes from ``address`` on."""
        words = np.zeros(length // 4, np.uint32).view(cls)
        words._bus, words._address, words._first, words._bytes = bus, address, words._pointer, words.nbytes
        return words

    def __array_finalize__(self, source: Any) -> None:
        """Keep to the bus what lies in the mapped memory: views, but not results."""
        mapped = isinstance(source, Window) and source._first <= self._pointer < source._first + source._bytes
        if mapped and self.ndim == 1:
            self._bus, self._address = source._bus, source._address
            self._first, self._bytes = source._first, source._bytes

    def __getitem__(self, index: Any) -> Any:
        """Read elements from the bus."""
        self._fetch(index)
        return super().__getitem__(index)

    def __setitem__(self, index: Any, value: Any) -> None:
        """Write elements to the bus."""
        raw = self.view(np.ndarray)
        raw[index] = value
        if self._bus is not None:
            for element in self._elements(index):
                words = raw[element : element + 1].view(np.uint32)
                for address, word in zip(self._addresses(element), words, strict=True):
                    self._bus.write(address, int(word))

    @property
    def _pointer(self) -> int:
        return int(self.__array_interface__["data"][0])

    def _fetch(self, index: Any) -> None:
        if self._bus is not None:
            raw = self.view(np.ndarray)
            for element in self._elements(index):
                raw[element : element + 1].view(np.uint32)[:] = [self._bus.read(a) for a in self._addresses(element)]

    def _elements(self, index: Any) -> list[int]:
        """Return the numbers of the elements that ``index`` means."""
        if isinstance(index, (int, np.integer)):
            return [range(len(self))[index]]
        return np.ravel(np.arange(len(self))[index]).tolist()

    def _addresses(self, element: int) -> range:
        start = self._address + self._pointer - self._first + element * self.strides[0]
        return range(start, start + self.itemsize, 4)
