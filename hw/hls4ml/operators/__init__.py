"""Operators of the IntegerGraph in hls4ml's layers, one file each."""
