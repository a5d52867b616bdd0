"""C simulation without AMD's tools: hls4ml's sources and a main of ours, compiled by g++ and run on integers.

hls4ml's own bridge passes doubles to a library in the caller's process. Here a program of its own reads 64-bit integers
from a file and writes such: nothing is rounded, a crash is a message, and a stream that is read while it is empty or
left with data is a fault.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from codesign.errors import MissingTool, ToolFailed, VerificationFailed
from codesign.files import write_text
from hw.hls4ml.convert import PROJECT

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

MAIN, PROGRAM, LOG = "csim.cpp", "csim", "csim.log"
TRACE = "layer_"
"""Beginning of the names of the files that layers are traced to."""
FLAGS = ("-std=c++11", "-O1", "-fno-gnu-unique", "-w")
"""The standard is the one that hls4ml's Tcl gives to HLS: what it does not know must not get through here."""
COMPILE_LIMIT_S, RUN_LIMIT_S = 1800.0, 1800.0
FAULTS = ("WARNING: Hls::stream", "leftover", "read while empty", "at the wrong word")


@dataclass(frozen=True)
class Program:
    """A compiled C simulation.

    Attributes:
        folder: where it lies.
        shape: one output frame's shape.
    """

    folder: Path
    shape: tuple[int, ...]

    def run(self, x: np.ndarray) -> np.ndarray:
        """Return the integers (int64 [N, *shape]) that the C++ makes of int64 [N, *input shape].

        Raises:
            ToolFailed: it crashed or hung.
            VerificationFailed: it read an empty stream, left data in one, or marked a wrong word as the last.
        """
        return self._run(x)

    def trace(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Return what every layer makes of ``x`` (int64 [N, size]), of a project that was converted with ``trace``.

        hls4ml keeps it in float64: exact up to 53 bits.

        Raises:
            CodesignError: as ``run``.
        """
        for old in self.folder.glob(f"{TRACE}*"):
            old.unlink()
        self._run(x, TRACE)
        return {
            path.name.removeprefix(TRACE): np.fromfile(path, np.float64).reshape(len(x), -1).astype(np.int64)
            for path in self.folder.glob(f"{TRACE}*")
        }

    def _run(self, x: np.ndarray, *more: str) -> np.ndarray:
        frames_in, frames_out = self.folder / "csim_in.bin", self.folder / "csim_out.bin"
        np.ascontiguousarray(x, np.int64).tofile(frames_in)
        frames_out.unlink(missing_ok=True)
        command = [str((self.folder / PROGRAM).resolve()), frames_in.name, frames_out.name, str(len(x)), *more]
        log = self.folder / LOG
        status, said = _ended("The C simulation", command, self.folder, RUN_LIMIT_S)
        write_text(log, said)
        fault = next((line for line in said.splitlines() if any(f in line for f in FAULTS)), "")
        if fault:
            raise VerificationFailed(f"The C simulation met a fault: {fault.strip()}. Its output is in {log}.")
        if status:
            reason = (said.splitlines() or [f"exit status {status}"])[-1]
            raise ToolFailed(f"The C simulation failed: {reason.strip()}. Its output is in {log}.")
        found = np.fromfile(frames_out, np.int64).reshape(len(x), *self.shape)
        for scratch in (frames_in, frames_out):
            scratch.unlink()
        return found


def compile_program(project: Path, folder: Path, shape: tuple[int, ...]) -> Program:
    """Compile a project's C simulation into ``folder``.

    Args:
        project: the folder that hls4ml's writer and ``write_main`` have filled.
        shape: one output frame's.

    Raises:
        MissingTool: there is no g++.
        ToolFailed: g++ refused the sources; its first error is named, and all that it said is kept.
    """
    compiler = shutil.which("g++")
    if compiler is None:
        raise MissingTool("The C simulation of hls4ml's project needs g++, not on PATH here: apt install g++.")
    folder.mkdir(parents=True, exist_ok=True)
    weights = f'-DWEIGHTS_DIR="{(project / "firmware/weights").resolve()}"'
    output = (folder / PROGRAM).resolve()
    command = [compiler, *FLAGS, "-Ifirmware/ap_types/", weights, MAIN, "-o", str(output)]
    status, said = _ended("g++ on hls4ml's project", command, project, COMPILE_LIMIT_S)
    if status:
        log = folder / "g++.log"
        write_text(log, said)
        lines = said.splitlines() or [f"exit status {status}"]
        first = next((line for line in lines if "error" in line), lines[0])
        raise ToolFailed(
            f"g++ failed on hls4ml's project: {first.strip()}. The source is {project / MAIN}, what g++ said {log}."
        )
    return Program(folder, shape)


def _ended(what: str, command: list[str], folder: Path, limit_s: float) -> tuple[int, str]:
    """Run a command in ``folder``; return its exit status and all that it said.

    Raises:
        ToolFailed: it did not end in time; it and what it started are killed.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            said = process.communicate(timeout=limit_s)[0]
        except subprocess.TimeoutExpired:
            raise ToolFailed(f"{what} in {folder} did not end in {limit_s:g} s.") from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, said


def write_main(model: ModelGraph, project: Path) -> None:
    """Write the C simulation's main into a project."""
    write_text(project / MAIN, main(model))


def main(model: ModelGraph) -> str:
    """C++ that runs the top function on frames of a file."""
    source, target = model.get_input_variables()[0], model.get_output_variables()[0]
    wrapped = model.config.backend.name == "VivadoAccelerator"
    streams = model.config.get_config_value("IOType") == "io_stream"
    kind = "wrapper" if wrapped else "streams" if streams else "arrays"
    call = {"wrapper": WRAPPER, "streams": STREAMS, "arrays": ARRAYS}[kind]
    names = {
        "project": PROJECT,
        "header": f"{PROJECT}_axi" if wrapped else PROJECT,
        "n_in": source.size(),
        "n_out": target.size(),
        "in_t": source.type.name,
        "out_t": target.type.name,
        "layers": ", ".join(_traced(model)),
    }
    wrapper = f'#include "firmware/{PROJECT}_axi.cpp"\n' if wrapped else ""
    text = INCLUDES + wrapper + FRAME + call + MAIN_BODY
    for name, value in names.items():
        text = text.replace(f"@{name}@", str(value))
    return text


def _traced(model: ModelGraph) -> list[str]:
    """C++ initializers of the layers whose outputs the project keeps."""
    if not model.config.trace_output:
        return []
    kept = [layer for layer in model.get_layers() if layer.get_attr("trace") and layer.get_attr("function_cpp")]
    return [f'{{"{layer.name}", std::vector<double>({layer.get_output_variable().size()}), NULL}}' for layer in kept]


INCLUDES = """// Runs the project on frames of 64-bit integers: csim IN OUT COUNT.
// With TRACE behind it, it also writes what each layer makes, in doubles, to the file TRACE and the layer's name.
#include "firmware/@project@.cpp"
"""
FRAME = """#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace nnet {
bool trace_enabled = false;
std::map<std::string, void *> *trace_outputs = NULL;
size_t trace_type_size = sizeof(double);
} // namespace nnet

static void run_frame(const int64_t *in, int64_t *out, bool final) {
"""
STREAMS = """    static hls::stream<@in_t@> source("source");
    static hls::stream<@out_t@> sink("sink");
    for (unsigned i = 0; i < @n_in@; i += @in_t@::size) {
        @in_t@ word;
        for (unsigned j = 0; j < @in_t@::size; j++)
            word[j] = in[i + j];
        source.write(word);
    }
    @project@(source, sink);
    for (unsigned i = 0; i < @n_out@; i += @out_t@::size) {
        @out_t@ word = sink.read();
        for (unsigned j = 0; j < @out_t@::size; j++)
            out[i + j] = (int64_t)word[j];
    }
    if (!source.empty() || !sink.empty()) {
        std::puts("leftover data in a stream of the top function");
        std::exit(3);
    }
}
"""
ARRAYS = """    static @in_t@ source[@n_in@];
    static @out_t@ sink[@n_out@];
    for (unsigned i = 0; i < @n_in@; i++)
        source[i] = in[i];
    @project@(source, sink);
    for (unsigned i = 0; i < @n_out@; i++)
        out[i] = (int64_t)sink[i];
}
"""
WRAPPER = """    static input_axi_t source[@n_in@];
    static output_axi_t sink[@n_out@];
    for (unsigned i = 0; i < @n_in@; i++) {
        source[i].data = in[i];
        source[i].last = final && i + 1 == @n_in@; // of a transfer, which holds all frames
    }
    @project@_axi(source, sink);
    for (unsigned i = 0; i < @n_out@; i++) {
        out[i] = (int64_t)sink[i].data;
        if (sink[i].last != (final && i + 1 == @n_out@)) {
            std::puts("the wrapper's last is at the wrong word");
            std::exit(3);
        }
    }
}
"""
MAIN_BODY = """
struct Layer {
    const char *name;
    std::vector<double> values;
    FILE *file;
};

int main(int count, char **arguments) {
    if (count != 4 && count != 5)
        return 2;
    std::vector<Layer> layers = {@layers@};
    if (count == 5) {
        nnet::trace_enabled = true;
        nnet::trace_outputs = new std::map<std::string, void *>;
        for (Layer &layer : layers) {
            (*nnet::trace_outputs)[layer.name] = layer.values.data();
            layer.file = std::fopen((arguments[4] + std::string(layer.name)).c_str(), "wb");
            if (layer.file == NULL)
                return 2;
        }
    }
    const long frames = std::atol(arguments[3]);
    FILE *source = std::fopen(arguments[1], "rb"), *sink = std::fopen(arguments[2], "wb");
    if (source == NULL || sink == NULL)
        return 2;
    std::vector<int64_t> in(@n_in@), out(@n_out@);
    for (long frame = 0; frame < frames; frame++) {
        if (std::fread(in.data(), sizeof(int64_t), in.size(), source) != in.size())
            return 2;
        run_frame(in.data(), out.data(), frame + 1 == frames);
        if (std::fwrite(out.data(), sizeof(int64_t), out.size(), sink) != out.size())
            return 2;
        for (const Layer &layer : layers) {
            const std::vector<double> &values = layer.values;
            if (layer.file && std::fwrite(values.data(), 8, values.size(), layer.file) != values.size())
                return 2;
        }
    }
    for (const Layer &layer : layers)
        if (layer.file && std::fclose(layer.file))
            return 2;
    return std::fclose(sink);
}
"""
