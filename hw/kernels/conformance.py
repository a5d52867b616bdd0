"""The one suite that every kernel's RTL must pass.

A kernel's test is ``conform(kernel)`` for some parameters and ``synthesize(kernel, family)`` for one of them. One that
loads is simulated in a weight-load chain, and gets its words through it.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from hw.kernels.chained import MARGIN, chain, packets_of
from hw.kernels.frame_guard.kernel import FrameGuard
from hw.kernels.guarded import guarded_top
from hw.kernels.kernel import Kernel, Resources
from hw.sim import SimulationResult, Simulator, Stalls, compile_simulator, lint
from hw.synth import kernels
from hw.tokens.alone import first_difference

FAMILIES = ("ecp5", "xc7", "xcup")

Stimulus = Callable[[np.random.Generator, int], Sequence[np.ndarray]]
"""Makes the words of every input, int64 [frames, words, lanes] each, from a random generator and a number of frames."""

PATTERNS = (
    Stalls(0.1),
    Stalls(0.5),
    Stalls(0.7, outputs=False),
    Stalls(0.7, inputs=False),
    Stalls(0.3, burst=7),
    Stalls(0.1, burst=40, inputs=False),
    Stalls(0.1, burst=40, outputs=False),
)
PROBE = 0.2
DRAIN = 200


def conform(
    kernel: Kernel,
    *,
    frames: int = 8,
    seed: int = 0,
    guarded: bool = True,
    stimulus: Stimulus | None = None,
    beside: Kernel | None = None,
) -> None:
    """Hold the RTL to the kernel's contract.

    Its words equal ``reference``'s, without stalls and under stalls on either side and on both; every frame ends with
    ``last`` and nothing else does; data waits unchanged; no path leads from an input to an output within a cycle;
    interval and latency are those of ``cycles``; each word moves in the cycle in which ``tokens`` says that it does,
    without stalls, under stalls and with its outputs blocked until it is full;
    all of this holds in the behavioural form as well, where there is one; lint says nothing; and behind a
    ``frame_guard`` the frames after a cut or an over-long one are right.

    A kernel that loads is simulated in the form of its gates only, and gets its words under stalls, too. Two in a chain
    get theirs while their frames wait, after each reset anew: where they have the same parameters, each gets the
    other's words every second time.

    Args:
        kernel: with its parameters.
        frames: frames of each run, at least 6.
        seed: of all random numbers.
        guarded: also run it behind a ``frame_guard``, which is a compilation of its own.
        stimulus: the inputs' words; random ones over the whole range, and the range's ends, by default.
        beside: the second kernel of the chain, of one that loads; the same again by default.

    Raises:
        AssertionError: with what differed first.
        CodesignError: where it doesn't compile or run, or data changed while it waited.
    """
    rng = np.random.default_rng(seed)
    words = list((stimulus or partial(_whole_range, kernel))(rng, frames))
    warnings = lint_kernel(kernel)
    assert not warnings, f"{kernel} lint: " + "\n".join(warnings)
    loads = kernel.load() is not None
    for behavioural in (False, True) if has_behavioural_form(kernel) and not loads else (False,):
        with simulator(kernel, behavioural=behavioural) as simulation:
            _check_runs(kernel, simulation, words, seed, "in its behavioural form " if behavioural else "")
    if loads:
        _check_chain([kernel, beside or kernel], frames, seed)
    elif guarded and kernel.inputs:
        _check_guarded(kernel, words, seed)


def has_behavioural_form(kernel: Kernel) -> bool:
    """Whether simulators of whole designs get something else than the gates."""
    return any("`ifdef BEHAVIOURAL" in source.read_text() for source in kernel.sources())


def lint_kernel(kernel: Kernel) -> list[str]:
    """Return what lint has to say of the kernel's RTL with its parameters."""
    return lint(kernel.module, kernel.sources(), parameters(kernel))


def synthesize(kernel: Kernel, family: str) -> Resources:
    """Return what yosys makes of the kernel for a part family (``ecp5``, ``xc7``, ``xcup``)."""
    (made,) = kernels.synthesize([kernel], family)
    return made.resources


def check_resources(kernel: Kernel, family: str, tolerance: float = 0.25, slack: int = 16) -> None:
    """Hold ``resources`` to what yosys makes of it.

    LUTs and flip-flops must agree within ``tolerance`` (relative) or ``slack``, the others exactly.

    Raises:
        AssertionError: with both figures.
    """
    made, estimate = synthesize(kernel, family), kernel.resources(family)
    for name in vars(made):
        found, said = getattr(made, name), getattr(estimate, name)
        allowed = max(slack, tolerance * found) if name in ("lut", "ff") else 0
        assert abs(said - found) <= allowed, f"{kernel} {family} {name}: estimate {said}, yosys {found} ({made})"


def parameters(kernel: Kernel) -> dict[str, int | str]:
    """Return the Verilog parameters, with the names of the memory files."""
    return {**kernel.verilog_parameters(), **{name: f"{name}.hex" for name in kernel.memories()}}


@contextmanager
def simulator(kernel: Kernel, guarded: bool = False, behavioural: bool = False) -> Iterator[Simulator]:
    """Compile the kernel for simulation, alone or behind a ``frame_guard`` at each input.

    ``behavioural``: in the form that whole designs are simulated in, where it has one.
    """
    if kernel.load() is not None:
        with chain([kernel], wait=_first_words(kernel), behavioural=behavioural) as simulation:
            yield simulation
        return
    with _data(kernel) as folder:
        top, sources, flags = kernel.module, list(kernel.sources()), list(kernel.flags)
        given = parameters(kernel)
        if guarded:
            top, flags = f"guarded_{top}", [f"frame_error_{i}" for i in range(len(kernel.inputs))]
            (folder / f"{top}.sv").write_text(guarded_top(kernel, given))
            sources = [*dict.fromkeys([*sources, *FrameGuard.sources()]), folder / f"{top}.sv"]
            given = {}
        yield compile_simulator(
            top,
            sources,
            kernel.inputs,
            kernel.outputs,
            parameters=given,
            data=folder,
            flags=flags,
            optimise=False,
            behavioural=behavioural,
        )


@contextmanager
def _data(kernel: Kernel) -> Iterator[Path]:
    """Yield a folder with the memory files."""
    with tempfile.TemporaryDirectory() as name:
        for memory, contents in kernel.memories().items():
            (Path(name) / f"{memory}.hex").write_text(contents.hex())
        yield Path(name)


def _whole_range(kernel: Kernel, rng: np.random.Generator, frames: int) -> list[np.ndarray]:
    """Return random frames, of which the first two hold the range's ends."""
    words = [port.stream.random(rng, frames, port.words) for port in kernel.inputs]
    for port, array in zip(kernel.inputs, words, strict=True):
        array[0], array[1] = port.stream.high, port.stream.low
    return words


def _check_runs(kernel: Kernel, simulation: Simulator, words: Sequence[np.ndarray], seed: int, form: str) -> None:
    free = simulation.run(words, drain=DRAIN)
    _check_words(kernel, words, free, f"{form}without stalls")
    _check_cycles(kernel, free)
    _check_tokens(kernel, free, f"{form}without stalls")
    load = kernel.load()
    streams = load is not None and load.each_frame
    for index, pattern in enumerate(PATTERNS):
        stalls = Stalls(pattern.probability, pattern.burst, seed + index, pattern.inputs, pattern.outputs)
        stalled = simulation.run(words, stalls=stalls, probe=PROBE, drain=DRAIN)
        _check_words(kernel, words, stalled, f"{form}{stalls}")
        if not (streams and stalls.inputs):  # else the sets are not there in time
            _check_tokens(kernel, stalled, f"{form}{stalls}")
    blocked = simulation.run(words, blocked=free.cycles)
    _check_words(kernel, words, blocked, f"{form}with its outputs blocked")
    _check_tokens(kernel, blocked, f"{form}with its outputs blocked")


def _check_words(kernel: Kernel, words: Sequence[np.ndarray], result: SimulationResult, how: str) -> None:
    expected = kernel.reference(*words)
    assert len(expected) == len(kernel.outputs), f"{kernel} reference gives {len(expected)} outputs"
    assert not any(result.flags.values()), f"{kernel} {how}: {result.flags} raised by whole frames"
    for index, port in enumerate(kernel.outputs):
        _check_equal(f"{kernel} {how}, output {index}", expected[index], result.outputs[index])
        ends = np.broadcast_to(np.arange(port.words) == port.words - 1, result.last[index].shape)
        _check_equal(f"{kernel} {how}, last of output {index}", ends, result.last[index])


def _check_equal(what: str, expected: np.ndarray, found: np.ndarray) -> None:
    assert expected.shape == found.shape, f"{what}: shape {found.shape} must be {expected.shape}"
    wrong = np.argwhere(expected != found)
    if len(wrong):
        first = tuple(int(i) for i in wrong[0])
        difference = f"expected {expected[first]}, found {found[first]}"
        raise AssertionError(f"{what}: {len(wrong)} differ, the first at {first}: {difference}")


def _check_cycles(kernel: Kernel, result: SimulationResult) -> None:
    declared, load = kernel.cycles(), kernel.load()
    words = load.words.size if load is not None and load.each_frame else 0
    assert declared.load == words, f"{kernel} loads {words} words a frame, and declares {declared}"
    measured = (result.interval, result.latency if kernel.inputs else declared.latency)
    assert measured == (declared.interval, declared.latency), (
        f"{kernel} takes interval {measured[0]}, latency {measured[1]}, and declares {declared}"
    )


def _check_tokens(kernel: Kernel, result: SimulationResult, how: str) -> None:
    if (load := kernel.load()) is not None:
        if load.each_frame and load.words.size >= kernel.cycles().interval:
            return  # the sets are not there in time
        result = _without_load(kernel, result)
    difference = first_difference(kernel, result)
    assert difference is None, f"{kernel} {how} {difference}"


def _first_words(kernel: Kernel) -> int:
    """Words of the weight-load port that must come in before a kernel computes."""
    start, frame = packets_of([kernel])
    return len(start) if start.size else len(frame[0])


def _without_load(kernel: Kernel, result: SimulationResult) -> SimulationResult:
    """Return the result as the kernel's streams saw it, which were let in once its first words were there."""
    count = len(kernel.inputs)
    opened = int(result.taken[count][_first_words(kernel) - 1]) + 1 + MARGIN
    offered = [np.maximum(cycles, opened) for cycles in result.offered[:count]]
    return dataclasses.replace(result, taken=result.taken[:count], offered=offered)


def _check_chain(kernels: Sequence[Kernel], frames: int, seed: int) -> None:
    """Run kernels that wait for their words; those that differ in nothing else get each other's words in turns."""
    first, *others = kernels
    swap = all(type(k) is type(first) and parameters(k) == parameters(first) for k in others)
    rng = np.random.default_rng(seed)
    with chain(kernels) as simulation:
        for index, pattern in enumerate((Stalls(), *PATTERNS)):
            loaded = list(kernels[::-1] if swap and index % 2 else kernels)
            words = [w for kernel in loaded for w in _whole_range(kernel, rng, frames)]
            stalls = Stalls(pattern.probability, pattern.burst, seed + index, pattern.inputs, pattern.outputs)
            load = packets_of(loaded)
            result = simulation.run(words, stalls=stalls, probe=PROBE * (index > 0), drain=DRAIN, load=load)
            assert not any(result.flags.values()), f"{kernels} in a chain: {result.flags} raised"
            taken, given = iter(words), iter(result.outputs)
            for place, kernel in enumerate(loaded):
                inputs = [next(taken) for _ in kernel.inputs]
                for expected, found in zip(kernel.reference(*inputs), given, strict=False):
                    _check_equal(f"{kernel}, number {place} in a chain, {stalls}", expected, found)


def _check_guarded(kernel: Kernel, words: Sequence[np.ndarray], seed: int) -> None:
    """Cut frame 1, lengthen frames 3 and 4, and look at all frames but the cut one, whose data is nobody's."""
    assert len(words[0]) >= 6, "a guarded kernel needs at least 6 frames"
    rng = np.random.default_rng(seed)
    raw, errors = [], []
    for port, frames in zip(kernel.inputs, words, strict=True):
        sequence = [frame.reshape(-1, port.stream.lanes) for frame in frames]
        if port.words > 1:
            sequence[1] = sequence[1][: rng.integers(1, port.words)]
        for index, more in ((3, 1), (4, int(rng.integers(port.words, 2 * port.words + 2)))):
            sequence[index] = np.concatenate([sequence[index], port.stream.random(rng, 1, more)[0]])
        last = [np.arange(len(frame)) == len(frame) - 1 for frame in sequence]
        raw.append((np.concatenate(sequence), np.concatenate(last)))
        errors.append(2 + (port.words > 1))
    expected = kernel.reference(*words)
    right = np.arange(len(words[0])) != 1
    lengths = [len(words[0]) * port.words for port in kernel.outputs]
    with simulator(kernel, guarded=True) as simulation:
        for stalls in (Stalls(), Stalls(0.4, burst=3, seed=seed)):
            result = simulation.run_words(raw, lengths, stalls=stalls, probe=PROBE, drain=DRAIN)
            assert list(result.flags.values()) == errors, f"{kernel} guarded: {result.flags} must be {errors}"
            for index, port in enumerate(kernel.outputs):
                found = result.outputs[index].reshape(expected[index].shape)
                _check_equal(f"{kernel} guarded, output {index}", expected[index][right], found[right])
                ends = np.tile(np.arange(port.words) == port.words - 1, len(words[0]))
                _check_equal(f"{kernel} guarded, last of output {index}", ends, result.last[index])
