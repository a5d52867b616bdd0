"""The engine by hand: small networks whose cycles are known."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from hw.kernels.tokens import Link, Phase, Tokens, move, promised, registers, through
from hw.tokens.network import Network, Program, Result, Wait


def chain(*stages: Tokens, words: int = 4, frames: int = 64) -> Result:
    """A source of ``words`` a frame, the stages one behind the other, and a sink."""
    network = Network()
    link = network.source("in", words)
    for index, tokens in enumerate(stages):
        network.add(f"k{index}", Program(tokens, 1), (link,))
        link = f"k{index}.m0"
    network.sink("out", link)
    return network.run(watch="out", frame=words, frames=frames, record=("in.m0", link), words=12)


def test_links_delay_words_and_full_ones_hold_them_up() -> None:
    slow = Tokens({"m0": Link(1)}, ((Phase(take={"s0": 1}, give={"m0": 1}, cycles=3),),))
    result = chain(through(Link(4, forward=5)), slow)
    given, taken = result.moved.values()
    assert given.tolist() == [0, 1, 2, 3, 6, 9, 12, 15, *given[8:]]  # four inside, then as one leaves, a cycle later
    assert taken[:4].tolist() == [6, 9, 12, 15]
    assert result.interval == Fraction(12) and result.exact and not result.stuck
    assert result.most["k0.m0"] == 4


def test_a_place_is_given_anew_at_once_or_a_cycle_later() -> None:
    """Two cycles a word where a single register waits for its emptying to be seen, one where it does not."""
    assert chain(through(Link(1))).interval == 8
    assert chain(through(registers())).interval == 4
    assert chain(through(registers(3))).ends[0] == 3 + 3


def test_a_queue_of_promises_sustains_as_many_words_as_places() -> None:
    """A promise takes 4 + 2 cycles to show and one to come back."""
    assert chain(through(promised(7, 4))).interval == 4
    assert chain(through(promised(1, 4)), words=1).interval == 6
    assert chain(through(promised(2, 4)), words=2).interval == 7


def test_a_rate_that_is_no_whole_number() -> None:
    """Three words in two rounds of two and one: the state comes again after two frames of three words."""
    uneven = Tokens({"m0": Link(8)}, ((Phase(take={"s0": 1}, give={"m0": 1}, cycles=3), move("s0", "m0")),))
    result = chain(uneven, words=3)
    assert result.interval == Fraction(12, 2) and result.exact


def test_a_source_that_waits_for_its_frame() -> None:
    network = Network()
    link = network.source("in", 2, period=10)
    network.sink("out", link)
    result = network.run(watch="out", frame=2)
    assert result.ends.tolist()[:2] == [1, 11] and result.interval == 10


def test_a_source_that_falls_behind() -> None:
    """The words of 20 cycles come every 16: the source's lead of 4 cycles a frame is lost before the state repeats."""
    slow = Tokens({"m0": Link(1)}, ((Phase(take={"s0": 1}, give={"m0": 1}, cycles=5),),))
    network = Network()
    link = network.source("in", 4, period=16)
    network.add("queue", Program(through(Link(12, forward=1)), 1), (link,))
    network.add("k", Program(slow, 1), ("queue.m0",))
    network.sink("out", "k.m0")
    result = network.run(watch="out", frame=4)
    assert result.interval == 20 and result.exact
    held = network.run(watch="out", frame=4, pace=20)
    assert not held.slow and held.interval == 20
    short = network.run(watch="out", frame=4, pace=19)
    assert short.slow and len(short.ends) == 3


def test_who_waits_for_whom() -> None:
    """A fork whose one branch gives nothing before it has three words, beside a slice that holds two."""
    network = Network()
    fork = Tokens({"m0": Link(1), "m1": Link(1)}, ((Phase(take={"s0": 1}, give={"m0": 1, "m1": 1}),),))
    whole = Tokens({"m0": Link(3)}, ((Phase(take={"s0": 1}, times=2), Phase(take={"s0": 1}, give={"m0": 3})),))
    join = Tokens({"m0": Link(1)}, ((Phase(take={"s0": 1, "s1": 1}, give={"m0": 1}),),))
    link = network.source("in", 3)
    network.add("fork", Program(fork, 1), (link,))
    network.add("whole", Program(whole, 1), ("fork.m0",))
    network.add("join", Program(join, 2), ("whole.m0", "fork.m1"))
    network.sink("out", "join.m0")
    result = network.run(watch="out", frame=3)
    assert result.stuck and result.interval is None
    assert Wait("join", "whole.m0", for_room=False) in result.waiting
    assert Wait("fork", "fork.m1", for_room=True) in result.waiting


def test_the_outside_by_cycle() -> None:
    network = Network()
    link = network.source("in", 3, earliest=np.array([2, 3, 9]))
    network.add("k", Program(through(), 1), (link,))
    network.sink("out", "k.m0", open_in=np.array([0, 0, 0, 0, 0, 0, 1, 0], np.uint8))
    result = network.run(record=("in.m0", "k.m0"), words=3, limit=20)
    assert result.moved["in.m0"].tolist() == [2, 3, 9]
    assert result.moved["k.m0"].tolist() == [6, 8, 10]
