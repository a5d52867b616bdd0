"""Accuracy against latency and size: a search over training and hardware, every figure with its source."""
