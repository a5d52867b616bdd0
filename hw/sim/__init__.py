"""Simulation of RTL with Verilator."""

from hw.sim.lint import lint
from hw.sim.simulator import SimulationResult, Simulator, Stalls, compile_simulator

__all__ = ["SimulationResult", "Simulator", "Stalls", "compile_simulator", "lint"]
