// The accelerator behind its AXI shell, verilated, with a bus master and DMAs' streams around it: one in, one out and,
// where WEIGHTS is 1, one of weights.
//
// Each cycle: set the inputs with the clock low, evaluate, look, raise the clock, evaluate. A transfer's memory belongs to
// the caller and is read and written as the beats move, as by a DMA.
#include "Vmodel.h"
#include "verilated.h"
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>

void vl_fatal(const char*, int, const char*, const char* what) { throw std::runtime_error(what); }
void vl_warn(const char* file, int, const char*, const char* what) {
    throw std::runtime_error(std::string(what) + ": " + file);
}
void vl_stop(const char*, int, const char*) { throw std::runtime_error("$stop or $fatal"); }
void vl_finish(const char*, int, const char*) { throw std::runtime_error("$finish"); }

namespace {
constexpr int LITE_PATIENCE = 1000;  // cycles that a register's answer may take
constexpr int BUS = 8;               // cycles, at least, that an answer takes back to the processor
constexpr int MAY_VANISH = 64;       // cycles from a register's write in which the output may take a beat back: a reset

struct Random {
    uint64_t state = 1;
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        return state ^= state << 17;
    }
    bool chance(uint64_t of_32_bits) { return of_32_bits && (next() >> 32) < of_32_bits; }
};

struct Transfer {
    uint8_t* at = nullptr;
    int64_t bytes = 0, moved = 0, done = 0;  // of this transfer; transfers that came to their end
    bool active = false;
    bool offering = false;  // a beat is shown to the accelerator, and stands until it is taken
};

struct Board {
    VerilatedContext context;
    std::unique_ptr<Vmodel> model;
    Transfer send, receive, weights;
    Random random;
    uint64_t send_stall = 0, receive_stall = 0;
    int64_t cycles = 0, broken = 0, may_vanish = 0;
    bool ended = false, answered = false, shown = false, shown_last = false;
    uint8_t shown_data[16];
    uint32_t answer = 0;

    explicit Board(int seed) {
        context.randReset(2);  // what nothing resets or initialises starts at random, as it may in hardware
        context.randSeed(seed);
        model = std::make_unique<Vmodel>(&context);
        reset();
    }

    void reset() {
        Vmodel& m = *model;
        stop();
        stop_weights();
        m.s_axi_awvalid = m.s_axi_wvalid = m.s_axi_arvalid = m.s_axi_bready = m.s_axi_rready = 0;
        m.aresetn = 0;
        may_vanish = cycles + MAY_VANISH;
        for (int i = 0; i < 4; i++) cycle();
        m.aresetn = 1;
    }

    void stop() {
        send.active = receive.active = send.offering = ended = false;
        model->s_axis_tvalid = 0;
    }

    void stop_weights() {
        weights.active = weights.offering = false;
#if WEIGHTS
        model->w_axis_tvalid = 0;
#endif
    }

    template <class Data> void offer(Transfer& of, Data& data, CData& last, CData& valid) {
        if (of.offering) return;
        constexpr int64_t beat = sizeof data;
        of.offering = of.active && !random.chance(send_stall);
        int64_t left = of.bytes - of.moved;
        if (of.offering) {
            if (left < beat) memset(&data, 0, beat);
            memcpy(&data, of.at + of.moved, std::min(left, beat));
        } else if (send_stall) {
            uint64_t noise[2] = {random.next(), random.next()};
            memcpy(&data, noise, beat);
        }
        last = of.offering ? left <= beat : send_stall != 0;
        valid = of.offering;
    }

    static void take(Transfer& of, int64_t beat) {
        of.offering = false;
        of.moved = std::min(of.moved + beat, of.bytes);
        if (of.moved == of.bytes) of.active = false, of.done++;
    }

    void drive() {
        Vmodel& m = *model;
        offer(send, m.s_axis_tdata, m.s_axis_tlast, m.s_axis_tvalid);
#if WEIGHTS
        offer(weights, m.w_axis_tdata, m.w_axis_tlast, m.w_axis_tvalid);
#endif
        m.m_axis_tready = receive.active && !random.chance(receive_stall);
    }

    // Counts a beat that was shown and neither taken nor kept.
    void check() {
        Vmodel& m = *model;
        if (shown && cycles >= may_vanish)
            broken += !m.m_axis_tvalid || m.m_axis_tlast != shown_last ||
                      memcmp(&m.m_axis_tdata, shown_data, sizeof m.m_axis_tdata);
        shown = m.m_axis_tvalid && !m.m_axis_tready;
        if (!shown) return;
        shown_last = m.m_axis_tlast;
        memcpy(shown_data, &m.m_axis_tdata, sizeof m.m_axis_tdata);
    }

    void move() {
        Vmodel& m = *model;
        if (send.offering && m.s_axis_tready) take(send, sizeof m.s_axis_tdata);
#if WEIGHTS
        if (weights.offering && m.w_axis_tready) take(weights, sizeof m.w_axis_tdata);
#endif
        if (m.m_axis_tready && m.m_axis_tvalid) {
            int64_t count = std::min<int64_t>(receive.bytes - receive.moved, sizeof m.m_axis_tdata);
            memcpy(receive.at + receive.moved, &m.m_axis_tdata, count);
            receive.moved += count;
            ended = m.m_axis_tlast;
            if (ended || receive.moved == receive.bytes) receive.active = false, receive.done++;
        }
    }

    void cycle() {
        Vmodel& m = *model;
        drive();
        m.aclk = 0;
        m.eval();
        check();
        move();
        bool address = m.s_axi_awready, data = m.s_axi_wready, read = m.s_axi_arready;
        if (m.s_axi_bvalid && m.s_axi_bready) answered = true;
        if (m.s_axi_rvalid && m.s_axi_rready) answered = true, answer = m.s_axi_rdata;
        m.aclk = 1;
        m.eval();
        if (address) m.s_axi_awvalid = 0;
        if (data) m.s_axi_wvalid = 0;
        if (read) m.s_axi_arvalid = 0;
        if (answered) m.s_axi_bready = m.s_axi_rready = 0;
        cycles++;
    }

    uint32_t lite() {
        answered = false;
        for (int i = 0; !answered; i++) {
            if (i == LITE_PATIENCE) throw std::runtime_error("a register does not answer");
            cycle();
        }
        for (int i = 0; i < BUS; i++) cycle();
        return answer;
    }
};

thread_local std::string failure;

template <class Act> int64_t guarded(Act act) {
    try {
        return act();
    } catch (const std::exception& error) {
        failure = error.what();
        return -1;
    }
}
}  // namespace

extern "C" {
const char* board_failure() { return failure.c_str(); }
int board_beat(int output) { return int(output ? sizeof Vmodel::m_axis_tdata : sizeof Vmodel::s_axis_tdata); }

// Returns null on a failure: a memory file that is not in the working directory, for example.
Board* board_new(int seed) {
    Board* board = nullptr;
    guarded([&] { return board = new Board(seed), 0; });
    return board;
}
void board_free(Board* b) { delete b; }

int64_t board_reset(Board* b) {
    return guarded([&] { return b->reset(), 0; });
}
void board_stop(Board* b, int weights) { weights ? b->stop_weights() : b->stop(); }

int64_t board_read(Board* b, uint32_t address) {
    return guarded([&] {
        b->model->s_axi_araddr = address;
        b->model->s_axi_arvalid = b->model->s_axi_rready = 1;
        return int64_t(b->lite());
    });
}

int64_t board_write(Board* b, uint32_t address, uint32_t value) {
    return guarded([&] {
        Vmodel& m = *b->model;
        m.s_axi_awaddr = address;
        m.s_axi_wdata = value;
        m.s_axi_wstrb = 15;
        m.s_axi_awvalid = m.s_axi_wvalid = m.s_axi_bready = 1;
        b->may_vanish = b->cycles + MAY_VANISH;
        return b->lite(), 0;
    });
}

void board_send(Board* b, uint8_t* at, int64_t bytes) { b->send = {at, bytes, 0, b->send.done, true}; }
void board_load(Board* b, uint8_t* at, int64_t bytes) { b->weights = {at, bytes, 0, b->weights.done, true}; }
void board_receive(Board* b, uint8_t* at, int64_t bytes) {
    b->receive = {at, bytes, 0, b->receive.done, true};
    b->ended = false;
}

// Probabilities of 2^32 that a stream rests in a cycle.
void board_stalls(Board* b, uint32_t send, uint32_t receive, uint64_t seed) {
    b->send_stall = send, b->receive_stall = receive;
    b->random.state = seed * 0x9E3779B97F4A7C15u | 1;
}

// Runs so many cycles or, unless `idle`, until all transfers of frames that are under way are done, or that of weights is;
// returns how many, or -1.
int64_t board_run(Board* b, int64_t cycles, int idle) {
    return guarded([&] {
        bool frames = b->send.active || b->receive.active, weights = b->weights.active;
        auto under_way = [&] {
            return (!frames || b->send.active || b->receive.active) && (!weights || b->weights.active);
        };
        int64_t count = 0;
        for (; count < cycles && (idle || ((frames || weights) && under_way())); count++) b->cycle();
        return count;
    });
}

// Bytes moved of the last transfers, transfers that came to their end, whether TLAST ended the last one, which are under
// way, cycles, beats that were taken back; then of weights: bytes moved, transfers, whether one is under way.
void board_counters(Board* b, int64_t* out) {
    int64_t all[] = {b->send.moved, b->receive.moved, b->send.done, b->receive.done, b->ended,
                     b->send.active, b->receive.active, b->cycles, b->broken,
                     b->weights.moved, b->weights.done, b->weights.active};
    memcpy(out, all, sizeof all);
}
}
