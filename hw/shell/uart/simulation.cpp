// A board on a serial line: the verilated top, and the other end's UART, in eighths of a clock as the RTL's.
#include "Vmodel.h"
#include "verilated.h"
#include <cstdint>
#include <stdexcept>

void vl_fatal(const char*, int, const char*, const char* what) { throw std::runtime_error(what); }
void vl_warn(const char*, int, const char*, const char* what) { throw std::runtime_error(what); }
void vl_stop(const char*, int, const char*) {}
void vl_finish(const char*, int, const char*) {}

struct Line {  // one direction: bits of a byte and the time to the next
    int bits = 0, left = 0, timer = 0;
};

struct Board {
    VerilatedContext context;
    Vmodel model{&context};
    Line to, from;
    int eighths;
};

extern "C" Board* board_new(int eighths) {
    auto* board = new Board;
    board->eighths = eighths;
    board->model.ftdi_txd = 1;
    board->model.btn_reset = 0;
    return board;
}

extern "C" void board_free(Board* board) { delete board; }
extern "C" void board_button(Board* board, int pressed) { board->model.btn_reset = pressed; }
extern "C" int board_leds(Board* board) { return board->model.led; }

// Runs so many cycles, sends `count` bytes meanwhile as far as there is time, and returns how many bytes came back;
// `taken` tells how many were sent, 256 in `input` is a bit time of silence, 257 a byte
// without a stop bit.
extern "C" long board_run(Board* board, const uint16_t* input, long count, long cycles, uint8_t* output, long* taken) {
    Vmodel& m = board->model;
    Line &to = board->to, &from = board->from;
    long position = 0, came = 0;
    for (long cycle = 0; cycle < cycles; cycle++) {
        to.timer -= 8;
        if (to.timer < 8) {
            if (to.left == 0 && position < count) {
                int value = input[position++];
                to.bits = value == 256 ? 1 : value == 257 ? 0 : value << 1 | 0x200;
                to.left = value == 256 ? 1 : 10;
            }
            bool sending = to.left;
            m.ftdi_txd = sending ? to.bits & 1 : 1;
            to.bits >>= 1;
            if (to.left) to.left--;
            to.timer = sending ? to.timer + board->eighths : 8;
        }
        m.clk_25mhz = 0;
        m.eval();
        m.clk_25mhz = 1;
        m.eval();
        if (from.left == 0) {
            if (!m.ftdi_rxd) { from.left = 10; from.timer = board->eighths / 2; from.bits = 0; }
        } else if ((from.timer -= 8) < 8) {
            from.timer += board->eighths;
            from.bits |= m.ftdi_rxd << (10 - from.left);
            if (--from.left == 0) output[came++] = uint8_t(from.bits >> 1);
        }
    }
    *taken = position;
    return came;
}
