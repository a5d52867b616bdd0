"""The kernels' estimates held to yosys: ``python -m tests.estimates`` measures and writes docs/estimates.*."""
