// Ties one verilated model to the harness. ports.inc, written for each model, lists its streams and flags:
// INPUT_STREAMS and OUTPUT_STREAMS are rows X(name, index, offset, bits, alone), FLAGS rows X(name).
#include "harness.hpp"
#include "Vmodel.h"
#include "ports.inc"

namespace {
struct Verilated_plant : Plant {
    Vmodel model;
    explicit Verilated_plant(VerilatedContext* context) : model(context, "top") {
        clk = &model.clk;
        rst_n = &model.rst_n;
#define X(name, index, offset, bits, alone) \
    {(Byte*)&model.name##_data, (Byte*)&model.name##_valid, (Byte*)&model.name##_ready, index, offset, bits, alone},
        inputs = {INPUT_STREAMS};
        outputs = {OUTPUT_STREAMS};
#undef X
#define X(name) (Byte*)&model.name,
        flags = {FLAGS};
#undef X
    }
    void eval() override { model.eval(); }
};
}  // namespace

Plant* make_plant(VerilatedContext* context) { return new Verilated_plant(context); }
