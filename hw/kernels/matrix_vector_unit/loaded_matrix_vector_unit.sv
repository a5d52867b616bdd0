// A matrix times each vector of a stream (`matrix_vector_core`), with weights that come through the weight-load port.
//
// No vector is taken into a product before its set is there. EACH_FRAME = 0: all sets come once, after a reset;
// EACH_FRAME = 1: they come in every frame, one behind the other, into a memory of two (SETS = 2).
`default_nettype none

module loaded_matrix_vector_unit #(
    parameter int unsigned PE          = 1,
    parameter int unsigned SIMD        = 2,
    parameter int unsigned SF          = 4,      // words in a vector
    parameter int unsigned NF          = 2,      // passes over it
    parameter int unsigned GROUPS      = 1,      // matrices in turns
    parameter int unsigned SETS        = 1,      // of these, in memory
    parameter int unsigned BLOCK       = 1,      // turns of a set
    parameter int unsigned X_BITS      = 4,
    parameter bit          X_SIGNED    = 0,
    parameter int unsigned W_BITS      = 4,
    parameter bit          W_SIGNED    = 1,
    parameter bit          BIPOLAR     = 0,      // a weight is one bit, 1 for 1 and 0 for -1
    parameter int unsigned W_WORD      = PE * SIMD * W_BITS,  // of the weights' memory
    parameter int unsigned SUM_BITS    = 9,      // of a word's sum
    parameter int unsigned TIME        = 6,      // cycles from a word's issue to its sum: memories 2, and the sum's own
    parameter int unsigned ACC_BITS    = 12,
    parameter int unsigned PLACES      = 1,      // in the result queue
    parameter              FORM        = "booth",  // of the dot products, with LAYOUT
    parameter int unsigned LAYOUT      = 0,
    parameter int unsigned BIAS        = 0,        // by so much a word's sum is too large
    parameter              GRAPH       = "",
    parameter              BUFFER_FORM = "block",
    parameter              RAM_FORM     = "block",
    parameter int unsigned PACK         = 1,     // words in a row of the memory
    parameter bit          EACH_FRAME   = 0,
    parameter bit          START_PACKET = 0      // the first packet after a reset is for kernels behind this one
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [SIMD*X_BITS:0]    s_data,
    input  wire                     s_valid,
    output wire                     s_ready,

    output wire  [PE*ACC_BITS:0]    m_data,
    output wire                     m_valid,
    input  wire                     m_ready,

    input  wire  [64:0]             w_data,
    input  wire                     w_valid,
    output wire                     w_ready,

    output wire  [64:0]             n_data,
    output wire                     n_valid,
    input  wire                     n_ready
);
    localparam int unsigned DEPTH  = SF * NF * GROUPS;
    localparam int unsigned A_BITS = (DEPTH * SETS > 1) ? $clog2(DEPTH * SETS) : 1;
    wire [A_BITS-1:0] address;
    wire [W_WORD-1:0] weights;
    wire              there, done;

    matrix_vector_core #(
        .PE(PE), .SIMD(SIMD), .SF(SF), .NF(NF), .GROUPS(GROUPS), .SETS(SETS), .BLOCK(BLOCK), .X_BITS(X_BITS),
        .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .BIPOLAR(BIPOLAR), .W_WORD(W_WORD),
        .SUM_BITS(SUM_BITS), .TIME(TIME), .ACC_BITS(ACC_BITS), .PLACES(PLACES), .FORM(FORM), .LAYOUT(LAYOUT),
        .BIAS(BIAS), .GRAPH(GRAPH), .BUFFER_FORM(BUFFER_FORM)
    ) core (
        .clk, .rst_n, .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready, .address, .weights, .there(there), .done);

    loaded_memory #(
        .WORD_BITS(W_WORD), .DEPTH(DEPTH), .SETS(SETS), .PACK(PACK), .EACH_FRAME(EACH_FRAME),
        .START_PACKET(START_PACKET), .FORM(RAM_FORM)
    ) memory (
        .clk, .rst_n, .w_data, .w_valid, .w_ready, .n_data, .n_valid, .n_ready, .there, .done, .address, .data(weights));
endmodule

`default_nettype wire
