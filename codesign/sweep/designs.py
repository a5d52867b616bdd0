"""What points are made of, each once: a network's file, its integers, its kernels.

Each is found by what the one before it holds, not by how that was made: where other code gives the same network, all
that lies behind it is found.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx

import boards
import quant.models
from codesign.build import frames
from codesign.build.config import BuildConfig
from codesign.build.lowering import FRAMES, check_references, placement
from codesign.errors import UserError
from codesign.graph import IntegerGraph
from codesign.imports import code_of
from codesign.ingest import ingest_model
from codesign.ingest.file.cleanup import clean
from codesign.ingest.file.model import parse, read
from codesign.sweep.axes import HARDWARE
from codesign.sweep.cache import Cache, canonical, contents, key
from codesign.sweep.judge import Judge
from codesign.sweep.learning import Learnt
from codesign.sweep.point import Point, Value
from codesign.sweep.study import Study
from hw.design.design import Design
from hw.lowering import lower
from quant.model import Model
from quant.training import rungs
from quant.training.rungs import Learner

REFUSED = "refused.txt"
"""In place of what could not be made: why."""
CLEAN = "clean.onnx"
REAL = 64
"""Real inputs that are kept for checks, at most."""


@lru_cache(maxsize=16)
def load_graph(folder: Path) -> IntegerGraph:
    """Return the IntegerGraph that ``Designs.graph`` gave."""
    return IntegerGraph.load(folder)


@lru_cache(maxsize=16)
def load_design(folder: Path) -> Design:
    """Return the Design that lies in a folder of the cache."""
    return Design.load(folder)


@lru_cache(maxsize=32)
def judge_of(lowered: Path, family: str) -> Judge:
    """Return the judge of a lowered Design in the cache; it keeps what foldings share."""
    return Judge(load_design(lowered), family)


class Unfit(Exception):
    """No design can be made of a point; the message says why."""


class Designs:
    """Networks and designs of a study's points, in a cache."""

    def __init__(self, study: Study, cache: Cache) -> None:
        self.study, self.cache = study, cache
        self._learners: dict[str, Learner] = {}

    @cached_property
    def preset(self) -> Model | None:
        """The study's model; None where it is a QONNX file."""
        known = self.study.model in quant.models.names()
        return quant.models.get(self.study.model) if known else None

    def complete(self, point: Point) -> dict[str, Value]:
        """Return ``point`` with what the study fixes and with the hardware's defaults."""
        defaults = {name: axis.default for name, axis in HARDWARE.items() if axis.default is not None}
        return {**defaults, **self.study.fixed, **point}

    def choices(self, point: Point) -> dict[str, Any]:
        """Return what of ``point`` is a choice in training."""
        return {name: value for name, value in self.complete(point).items() if name not in HARDWARE}

    def model(self, point: Point) -> Model | None:
        """Return the study's model as ``point`` varies it; None where it is a QONNX file."""
        return self.preset.vary(**self.choices(point)) if self.preset else None

    def learnt(self, point: Point) -> Learnt:
        """Return what the point's network learns of the study's data."""
        parts = [canonical(self.model(point)), self._data, self.study.training, code_of("quant.models", own=__name__)]
        return Learnt(self.cache, parts, lambda: self._learner(point))

    def _learner(self, point: Point) -> Learner:
        model = self.model(point)
        name = key(model)
        if name not in self._learners:
            assert model is not None, "a QONNX file is not trained"
            self._learners[name] = rungs.learner(model, self.study.data, self.study.training)
        return self._learners[name]

    def _fitted(self, point: Point) -> Model:
        """The point's model with as many inputs and classes as the study's data has."""
        model = self.model(point)
        assert model is not None, "a QONNX file has its inputs"
        return model if self.study.data is None else self._learner(point).model

    def config(self, point: Point, network: Path, **more: Any) -> BuildConfig:
        """Return what a build of ``point`` is asked for."""
        given = self.complete(point)
        clock, fps = given.get("clock_mhz"), given.get("target_fps")
        return BuildConfig(
            str(network),
            str(given["board"]),
            network.parent,
            target_fps=None if fps is None else float(fps),
            synth_clk_mhz=None if clock is None else float(clock),
            **more,
        )

    def network(self, point: Point, weights: Path | None = None) -> Path:
        """Return the QONNX file of the point's network, with ``weights``; untrained where None.

        A preset that is not varied comes with the weights that it is shipped with, if any.
        """
        model = self.model(point)
        if model is None:
            return self._given()
        given = weights or (model.weight_file if model.weight_file.is_file() else None)
        name = f"{model.name}.onnx"
        parts = [canonical(model), given, self._data, code_of("quant.models", "quant.export", own=__name__)]
        return self.cache.get("network", parts, lambda to: self._fitted(point).export(to / name, weights)) / name

    def _given(self) -> Path:
        """The study's QONNX file, with the data that it names beside it."""
        name = Path(self.study.model).name

        def make(folder: Path) -> None:
            (folder / name).write_bytes(self._parsed)

        return self.cache.get("network", [name, self._parsed], make) / name

    @cached_property
    def _parsed(self) -> bytes:
        return bytes(parse(Path(self.study.model)).SerializeToString(deterministic=True))

    def graph(self, network: Path) -> Path:
        """Return the folder of the network's IntegerGraph; beside it is the cleaned QONNX file that it was made of.

        Raises:
            Unfit: it cannot be taken exactly.
        """

        def make(folder: Path) -> None:
            onnx.save(clean(parse(network)), str(folder / CLEAN))
            graph, _ = ingest_model(read(parse(folder / CLEAN), network), network.stem)
            graph.save(folder / "graph")

        parts = [
            network.stem,
            contents(network.parent),
            code_of("codesign.ingest", "codesign.ingest.file.cleanup", own=__name__),
        ]
        return self.fitting("graph", parts, make) / "graph"

    def lowered(self, point: Point, graph: Path) -> Path:
        """Return the folder of the unfolded Design, whose references gave the graph's integers on random frames.

        Raises:
            Unfit: there are no kernels for it.
        """
        config, loaded = self.config(point, graph), load_graph(graph)
        placed, family = placement(config, loaded), config.target.family

        def make(folder: Path) -> None:
            design = lower(placed.graph, family, placed.streamed)
            check_references(loaded, design, frames.frames(config, loaded, FRAMES))
            design.save(folder / "design")

        code = code_of("hw.lowering.lower", "codesign.mapping.weights", own=__name__)
        return self.fitting("lowered", [contents(graph.parent), family, placed.streamed, code], make) / "design"

    def judge(self, point: Point, lowered: Path) -> Judge:
        """Return what folds the Design in ``lowered``."""
        return judge_of(lowered, boards.get(str(self.complete(point)["board"])).family)

    def inputs(self, point: Point) -> Path | None:
        """Return a file of real inputs of the point's network, float32 [REAL, *shape]; None where there are none."""
        model = self.model(point)
        if model is None:
            return None

        def make(folder: Path) -> None:
            fitted = self._fitted(point)
            np.save(folder / "inputs.npy", fitted.sample_inputs(REAL, data_dir=self.study.data, seed=self.study.seed))

        parts = [canonical(model), self._data, REAL, self.study.seed, code_of("quant.models", own=__name__)]
        return self.cache.get("inputs", parts, make) / "inputs.npy"

    @cached_property
    def _data(self) -> Any:
        return canonical(self.study.data)

    def fitting(self, kind: str, parts: Any, make: Callable[[Path], None]) -> Path:
        """Return a folder of the cache, as ``Cache.get``; that it cannot be made is kept too.

        Raises:
            Unfit: ``make`` raised UserError.
        """

        def attempt(folder: Path) -> None:
            try:
                make(folder)
            except UserError as error:
                (folder / REFUSED).write_text(str(error))

        place = self.cache.get(kind, parts, attempt)
        if (place / REFUSED).exists():
            raise Unfit((place / REFUSED).read_text())
        return place
