"""Pictures for notebooks, in one style. They need matplotlib, which the driver itself does without."""

from codesign_board.drawing.charts import confusion, over_time, pareto, quantizer, shares, trade_off
from codesign_board.drawing.skeletons import recognition, skeletons

__all__ = ["confusion", "over_time", "pareto", "quantizer", "recognition", "shares", "skeletons", "trade_off"]
