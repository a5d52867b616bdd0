"""A simulated board: the Verilated accelerator behind the bus, the memory and the DMA that a real one has."""
