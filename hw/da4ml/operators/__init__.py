"""Operators of the IntegerGraph in da4ml's symbolic arithmetic: exact, an object for every integer of a frame."""
