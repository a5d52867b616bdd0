"""An executor of QONNX in float64: the witness that the compiler is held to. It shares no arithmetic with it.

A new operator is one function under ``@evaluation("OpType")`` in a file of this folder.
"""

from codesign.ingest.float64.network import Network

__all__ = ["Network"]
