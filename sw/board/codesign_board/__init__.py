"""The driver of accelerators made by codesign."""

__version__ = "0.1.0"
