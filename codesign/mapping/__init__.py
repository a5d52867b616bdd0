"""Decisions on a Design: how far to fold each kernel, how deep each FIFO must be."""
