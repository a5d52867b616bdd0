// Sends the integers of a block in the order of nested counters, a block being a wide word: wires, and what gathers a
// block from words and gives it as words again.
//
// It holds up to two blocks in registers, so blocks are to be small; lanes may be any that divide the block. A word a
// cycle.
`default_nettype none

module lane_reorder #(
    parameter int unsigned BITS  = 8,  // of an integer
    parameter int unsigned LANES = 1,  // integers a word
    parameter int unsigned WORDS = 8,  // of a block
    // Counters, 0 the innermost: how many values each takes, and how far apart two of them lie in the block.
    parameter int unsigned SIZE_0   = 8,
    parameter int unsigned SIZE_1   = 1,
    parameter int unsigned SIZE_2   = 1,
    parameter int unsigned SIZE_3   = 1,
    parameter int unsigned SIZE_4   = 1,
    parameter int unsigned SIZE_5   = 1,
    parameter int unsigned STRIDE_0 = 1,
    parameter int unsigned STRIDE_1 = 0,
    parameter int unsigned STRIDE_2 = 0,
    parameter int unsigned STRIDE_3 = 0,
    parameter int unsigned STRIDE_4 = 0,
    parameter int unsigned STRIDE_5 = 0
) (
    input  wire                   clk,
    input  wire                   rst_n,

    input  wire  [LANES*BITS:0]   s_data,
    input  wire                   s_valid,
    output wire                   s_ready,

    output wire  [LANES*BITS:0]   m_data,
    output wire                   m_valid,
    input  wire                   m_ready
);
    localparam int unsigned BLOCK = LANES * WORDS;

    function automatic int unsigned place(input int unsigned i);
        int unsigned rest;
        rest  = i;
        place = (rest % SIZE_0) * STRIDE_0;
        rest  = rest / SIZE_0;
        place = place + (rest % SIZE_1) * STRIDE_1;
        rest  = rest / SIZE_1;
        place = place + (rest % SIZE_2) * STRIDE_2;
        rest  = rest / SIZE_2;
        place = place + (rest % SIZE_3) * STRIDE_3;
        rest  = rest / SIZE_3;
        place = place + (rest % SIZE_4) * STRIDE_4;
        rest  = rest / SIZE_4;
        place = place + (rest % SIZE_5) * STRIDE_5;
    endfunction

    wire [BLOCK*BITS:0] gathered, ordered;
    wire                valid, ready;
    width_converter #(.DATA_BITS(LANES * BITS), .UP(WORDS)) gather (
        .clk, .rst_n, .s_data, .s_valid, .s_ready, .m_data(gathered), .m_valid(valid), .m_ready(ready)
    );
    assign ordered[BLOCK*BITS] = gathered[BLOCK*BITS];
    for (genvar i = 0; i < int'(BLOCK); i++) begin : lane
        assign ordered[i*BITS +: BITS] = gathered[place(i)*BITS +: BITS];
    end
    if (WORDS > 1) begin : several
        width_converter #(.DATA_BITS(BLOCK * BITS), .DOWN(WORDS)) give (
            .clk, .rst_n, .s_data(ordered), .s_valid(valid), .s_ready(ready), .m_data, .m_valid, .m_ready
        );
    end else begin : one
        assign m_data  = ordered;
        assign m_valid = valid;
        assign ready   = m_ready;
    end
endmodule

`default_nettype wire
