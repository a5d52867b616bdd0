// What the harness needs of a verilated model; model.cpp fills it in, once a model.
#pragma once
#include "verilated.h"

#include <cstdint>
#include <vector>

using Byte = uint8_t;

struct Wire {               // one stream: ports of one name are packed vectors, in which it has a place
    Byte *data, *valid, *ready;
    int index, offset, bits;
    bool alone;             // its data is a whole port, so that bytes can be copied
    int bytes() const { return (bits + 7) / 8; }
    bool is_valid() const { return valid[index >> 3] >> (index & 7) & 1; }
    bool is_ready() const { return ready[index >> 3] >> (index & 7) & 1; }
    void set_valid(bool value) const { set(valid, index, value); }
    void set_ready(bool value) const { set(ready, index, value); }
    void get(Byte* row) const;
    void put(const Byte* row) const;
    static void set(Byte* at, int index, bool value) {
        Byte mask = Byte(1 << (index & 7));
        at[index >> 3] = Byte(value ? at[index >> 3] | mask : at[index >> 3] & ~mask);
    }
};

struct Plant {              // the model under simulation
    Byte *clk, *rst_n;
    std::vector<Wire> inputs, outputs;
    std::vector<Byte*> flags;
    virtual void eval() = 0;
    virtual ~Plant() = default;
};

Plant* make_plant(VerilatedContext*);
