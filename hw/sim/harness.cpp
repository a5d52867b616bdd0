// Drives any verilated model whose streams are <name>_data, <name>_valid and <name>_ready.
//
// Words are little-endian byte rows; the ctypes structures of simulator.py mirror those below. Each cycle: set the inputs
// with the clock low, evaluate, look, raise the clock, evaluate.
#include "harness.hpp"

#include <climits>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

// A runtime message is an exception, so that a missing memory file ends in a sentence and not in the process's end.
void vl_fatal(const char*, int, const char*, const char* message) { throw std::runtime_error(message); }
void vl_warn(const char* file, int, const char*, const char* message) {
    throw std::runtime_error(std::string(message) + ": " + file);
}
void vl_stop(const char*, int, const char*) { throw std::runtime_error("$stop or $fatal"); }
void vl_finish(const char*, int, const char*) { throw std::runtime_error("$finish"); }

extern "C" {
struct Lane {               // one stream of a run
    Byte* words;            // rows of ceil(bits / 8) bytes: read for an input, written for an output
    int64_t* moved;         // cycle at which each word moved
    int64_t count;          // words in all
    int64_t position;       // out: words that moved
    int64_t first_valid;    // out: cycle of the first valid, or -1
    int64_t* offered;       // of an input, out: cycle from which each word was valid
    const Byte* ready;      // of an output, out: whether it was ready in each cycle; until the next run
    int64_t cycles;         // out: cycles in `ready`
};
struct Request {
    Lane* inputs;
    Lane* outputs;
    int64_t* flags;         // out: high cycles of each flag
    uint64_t input_stall;   // probability that a stall starts, of 2^32
    uint64_t output_stall;
    uint64_t stall_end;     // probability that a stall under way ends, of 2^32
    uint64_t probe;         // probability of a probe in a cycle, of 2^32
    uint64_t seed;
    int64_t blocked;        // cycles from the start in which no output is ready
    int64_t timeout;        // idle cycles that end the run
    int64_t drain;          // cycles after the last expected word
    int64_t cycles;         // out
    int64_t where;          // out: the stream that an outcome speaks of
    int64_t total;          // out: cycles run, drain and all
};
}
enum Outcome { DONE, STUCK, UNSTABLE, COMBINATIONAL, SURPLUS };

void Wire::get(Byte* row) const {
    if (alone) { memcpy(row, data, bytes()); return; }
    memset(row, 0, bytes());
    for (int i = 0; i < bits; i++) set(row, i, data[(offset + i) >> 3] >> ((offset + i) & 7) & 1);
}

void Wire::put(const Byte* row) const {
    if (alone) { memcpy(data, row, bytes()); return; }
    for (int i = 0; i < bits; i++) set(data, offset + i, row[i >> 3] >> (i & 7) & 1);
}

struct Random {
    uint64_t state;
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state;
    }
    bool chance(uint64_t of_32_bits) { return of_32_bits && (next() >> 32) < of_32_bits; }
    void fill(Byte* row, int bits) {
        for (int i = 0; i < (bits + 7) / 8; i++) row[i] = Byte(next() >> 40);
        if (bits & 7) row[bits / 8] &= Byte((1 << (bits & 7)) - 1);
    }
};

struct Simulation {
    VerilatedContext context;
    std::unique_ptr<Plant> plant;
    const std::vector<Wire>&inputs, &outputs;
    std::vector<std::vector<Byte>> ready;  // by output, in each cycle of the last run

    // What nothing resets or initialises starts at random, as it may in hardware.
    static Plant* randomised(VerilatedContext& context, uint64_t seed) {
        context.randReset(2);
        context.randSeed(int(seed));
        return make_plant(&context);
    }
    explicit Simulation(uint64_t seed)
        : plant(randomised(context, seed)), inputs(plant->inputs), outputs(plant->outputs) {}
    void low() { *plant->clk = 0; plant->eval(); }
    void high() { *plant->clk = 1; plant->eval(); }

    void reset() {
        for (auto& w : inputs) w.set_valid(false);
        for (auto& w : outputs) w.set_ready(false);
        *plant->rst_n = 0;
        for (int i = 0; i < 3; i++) { low(); high(); }
        *plant->rst_n = 1;
    }

    std::vector<Byte> seen() const {  // every output of the model that the streams can see
        std::vector<Byte> all, row;
        for (auto& w : outputs) {
            row.assign(w.bytes(), 0);
            w.get(row.data());
            all.insert(all.end(), row.begin(), row.end());
            all.push_back(w.is_valid());
        }
        for (auto& w : inputs) all.push_back(w.is_ready());
        return all;
    }

    // With the clock held, other values on the model's inputs must change none of its outputs.
    bool probe(Random& random) {
        std::vector<Byte> before = seen(), row;
        std::vector<std::vector<Byte>> data;
        std::vector<bool> valid, ready;
        for (auto& w : inputs) {
            data.emplace_back(w.bytes());
            w.get(data.back().data());
            valid.push_back(w.is_valid());
            row.assign(w.bytes(), 0);
            random.fill(row.data(), w.bits);
            w.put(row.data());
            w.set_valid(random.next() >> 63);
        }
        for (auto& w : outputs) {
            ready.push_back(w.is_ready());
            w.set_ready(random.next() >> 63);
        }
        plant->eval();
        bool same = seen() == before;
        for (size_t i = 0; i < inputs.size(); i++) {
            inputs[i].put(data[i].data());
            inputs[i].set_valid(valid[i]);
        }
        for (size_t i = 0; i < outputs.size(); i++) outputs[i].set_ready(ready[i]);
        plant->eval();
        return same;
    }

    int run(Request& r);
};

int Simulation::run(Request& r) {
    struct State { bool offered = false, stalled = false, waits = false; std::vector<Byte> shown; };
    std::vector<State> in(inputs.size()), out(outputs.size());
    std::vector<Byte> row;
    Random random{r.seed * 0x9E3779B97F4A7C15u | 1};
    for (int i = 0; i < 8; i++) random.next();
    for (size_t i = 0; i < outputs.size(); i++) out[i].shown.resize(outputs[i].bytes());
    ready.assign(outputs.size(), {});
    bool noisy = r.probe || r.input_stall;
    auto stall = [&](State& s, uint64_t start) {
        if (!start) return false;
        s.stalled = s.stalled && !random.chance(r.stall_end) ? true : random.chance(start);
        return s.stalled;
    };
    int64_t idle = 0, left = r.drain;
    reset();
    for (int64_t cycle = 0;; cycle++) {
        bool complete = true;
        for (size_t i = 0; i < out.size(); i++) complete &= r.outputs[i].position >= r.outputs[i].count;
        if (!complete) r.cycles = cycle;
        r.total = cycle;
        if (complete && left-- <= 0) return r.cycles = cycle - r.drain, DONE;
        if (!complete && idle++ > r.timeout) {
            for (r.where = 0; r.outputs[r.where].position >= r.outputs[r.where].count;) r.where++;
            return STUCK;
        }
        for (size_t i = 0; i < out.size(); i++) {
            outputs[i].set_ready(!stall(out[i], r.output_stall) && cycle >= r.blocked);
            ready[i].push_back(outputs[i].is_ready());
        }
        for (size_t i = 0; i < in.size(); i++) {
            Lane& lane = r.inputs[i];
            const Wire& wire = inputs[i];
            if (in[i].offered) continue;  // an offer stands until it is taken
            bool offer = lane.position < lane.count && !stall(in[i], r.input_stall);
            if (offer) {
                lane.offered[lane.position] = cycle;
                wire.put(lane.words + lane.position * wire.bytes());
            } else if (noisy) {
                row.assign(wire.bytes(), 0);
                random.fill(row.data(), wire.bits);
                wire.put(row.data());
            }
            wire.set_valid(offer);
            in[i].offered = offer;
        }
        low();
        for (size_t i = 0; i < out.size(); i++) {
            if (!out[i].waits) continue;
            row.assign(outputs[i].bytes(), 0);
            outputs[i].get(row.data());
            if (!outputs[i].is_valid() || row != out[i].shown) return r.where = i, UNSTABLE;
        }
        if (random.chance(r.probe) && !probe(random)) return r.where = 0, COMBINATIONAL;
        for (size_t i = 0; i < out.size(); i++) {
            Lane& lane = r.outputs[i];
            bool valid = outputs[i].is_valid(), ready = outputs[i].is_ready();
            if (valid && lane.first_valid < 0) lane.first_valid = cycle;
            out[i].waits = valid && !ready;
            if (out[i].waits) outputs[i].get(out[i].shown.data());
            if (!valid || !ready) continue;
            if (lane.position == lane.count) return r.where = i, SURPLUS;
            outputs[i].get(lane.words + lane.position * outputs[i].bytes());
            lane.moved[lane.position++] = cycle;
            idle = 0;
        }
        for (size_t i = 0; i < in.size(); i++) {
            Lane& lane = r.inputs[i];
            bool valid = in[i].offered;
            if (valid && lane.first_valid < 0) lane.first_valid = cycle;
            if (!valid || !inputs[i].is_ready()) continue;
            lane.moved[lane.position++] = cycle;
            in[i].offered = false;
            idle = 0;
        }
        for (size_t i = 0; i < plant->flags.size(); i++) r.flags[i] += *plant->flags[i] & 1;
        high();
    }
}

static thread_local std::string message;

extern "C" {
const char* simulation_message() { return message.c_str(); }

// Initial blocks run in the first evaluation, and memory files are named relative to `folder`.
void* simulation_new(const char* folder, uint64_t seed) {
    char here[PATH_MAX];
    if (!getcwd(here, sizeof here) || chdir(folder)) { message = std::string("no folder ") + folder; return nullptr; }
    Simulation* simulation = nullptr;
    try {
        simulation = new Simulation(seed);
        simulation->low();
    } catch (const std::exception& error) {
        message = error.what();
        delete simulation;
        simulation = nullptr;
    }
    if (chdir(here)) message = "the working folder is gone";
    return simulation;
}

int simulation_run(void* simulation, Request* request) {
    try {
        auto& s = *static_cast<Simulation*>(simulation);
        int outcome = s.run(*request);
        for (size_t i = 0; i < s.ready.size(); i++) {
            request->outputs[i].ready = s.ready[i].data();
            request->outputs[i].cycles = int64_t(s.ready[i].size());
        }
        return outcome;
    } catch (const std::exception& error) {
        message = error.what();
        return -1;
    }
}

void simulation_delete(void* simulation) { delete static_cast<Simulation*>(simulation); }
}
