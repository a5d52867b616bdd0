"""From the IntegerGraph to a Design: one rule per operator, then forks, width converters and FIFOs."""

from hw.lowering.adapt import fold
from hw.lowering.lower import lower

__all__ = ["fold", "lower"]
