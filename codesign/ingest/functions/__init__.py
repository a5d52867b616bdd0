"""From float operators and the quantizer behind them to an exact integer function."""
