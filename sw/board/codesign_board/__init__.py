"""The driver of accelerators made by codesign."""

from codesign_board.accelerator import Accelerator
from codesign_board.package import Package
from codesign_board.packages import find_packages

__version__ = "0.1.0"
__all__ = ["Accelerator", "Package", "find_packages"]
