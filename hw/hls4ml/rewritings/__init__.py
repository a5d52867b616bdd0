"""Exact rewritings of an IntegerGraph into what hls4ml has layers for: one small pass a file."""
