"""What AMD's HLS is known to stop at, told beforehand; it would say so itself, and no integer would be wrong.

Known from hls4ml's sources and public threads, not from runs. A rule yields the layer, the figure and what to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from math import prod

from codesign.errors import Reason
from hw.hls4ml.emit import Emission
from hw.hls4ml.lint import Finding, Rule
from hw.hls4ml.reuse import products
from hw.hls4ml.target import Target

SOURCE = "hls4ml's sources and public threads, not executed"
MOST_BITS = 4096
"""Of a word of a stream, in Vitis HLS (github.com/Xilinx/Vitis-HLS-Introductory-Examples, issue 19)."""
MOST_ELEMENTS = 4096
"""Of an array that is partitioned completely: ``config_array_partition -maximum_size`` in hls4ml's Vivado projects."""
READ_ONLY_MEMORIES = ("values",)
"""Constants of our layers that stay in a memory."""


def remarks(emission: Emission, target: Target) -> tuple[str, ...]:
    """Return what the synthesis of the project may stop at, each with the layer, the figure and the remedy."""
    found = [finding for rule in RULES for finding in rule(emission, target)]
    return tuple(str(Reason(f"{emission.owners[layer]} (layer {layer})", why, remedy)) for layer, why, remedy in found)


def wide_streams(emission: Emission, _: Target) -> Iterator[Finding]:
    """A position's channels are one word."""
    if emission.settings.io_type != "io_stream":
        return
    classes = {layer["name"]: layer["class_name"] for layer in emission.layers}
    for tensor, layer in emission.tensors.items():
        if classes[layer] == "Reshape":  # has the stream of what it reads
            continue
        channels, bits = emission.graph.tensors[tensor].channels, emission.types[layer]["result"].bits
        if channels * bits > MOST_BITS:
            yield (
                layer,
                f"a word of its stream has {channels * bits:,} bits ({channels:,} channels of {bits}), and Vitis HLS "
                f"stops above {MOST_BITS:,}",
                "take fewer channels or bits; a frame is flattened without such words where only fully connected "
                "layers read it",
            )


def large_partitions(emission: Emission, target: Target) -> Iterator[Finding]:
    """Arrays in registers, beyond what Vivado HLS is told to take."""
    if target.backend != "VivadoAccelerator":
        return
    for layer, what, elements in _partitions(emission):
        if elements > MOST_ELEMENTS:
            yield (
                layer,
                f"{what} are {elements:,} elements in registers, and hls4ml's project tells Vivado HLS to take "
                f"{MOST_ELEMENTS:,} at most",
                "take a smaller layer, io_stream or the resource strategy, or a --board that gets an IP core, such as "
                "zcu104",
            )


def _partitions(emission: Emission) -> Iterator[tuple[str, str, int]]:
    """Layer, what, and elements of the arrays that a pragma partitions completely."""
    settings = emission.settings
    if settings.io_type == "io_parallel":
        for tensor, maker in emission.tensors.items():
            yield maker, "its result's integers", prod(emission.graph.tensors[tensor].shape)
    for layer in emission.layers:
        name, kind = layer["name"], layer["class_name"]
        if kind.startswith("Exact"):
            for what in emission.types[name]:
                if f"{what}_data" in layer and what not in READ_ONLY_MEMORIES:
                    yield name, f"its constants {what}", layer[f"{what}_data"].size
        if kind == "Dense" and settings.io_type == "io_stream":
            yield name, "the vector that it gathers", layer["n_in"]
        if kind in ("Dense", "Conv1D", "Conv2D") and settings.strategy == "latency":
            yield name, "its products of a position", prod(products(layer))


def shared_arrays(emission: Emission, _: Target) -> Iterator[Finding]:
    """An array that two processes of a dataflow region read; the output's is read by what comes behind it."""
    if emission.settings.io_type != "io_parallel" or not is_dataflow(emission):
        return
    readers: dict[str, set[str]] = defaultdict(set)
    for layer in emission.layers:
        for name in layer.get("inputs", ()):
            readers[name].add(layer["name"])
    readers[emission.output].add("the project's output")
    for name, reading in readers.items():
        if len(reading) > 1:
            yield (
                name,
                f"{len(reading)} read its array ({', '.join(sorted(reading))}), and in hls4ml's DATAFLOW region each "
                "array may have one reader",
                "take --io-type io_stream, which copies its stream",
            )


def is_dataflow(emission: Emission) -> bool:
    """Whether hls4ml's top function is a dataflow region, not one pipeline as that of arrays often is."""
    settings = emission.settings
    windows = any(
        prod(layer.get(f"out_{axis}", 1) for axis in ("height", "width")) > 1
        for layer in emission.layers
        if "n_filt" in layer
    )
    return settings.io_type == "io_stream" or settings.strategy == "resource" or windows


RULES: tuple[Rule, ...] = (wide_streams, large_partitions, shared_arrays)
