"""The notebooks, in the driver's wheel: ``pynq get-notebooks`` delivers them. Their sources are in ``sw/notebooks``."""
