// A matrix times each vector of a stream (`matrix_vector_core`), with the weights in a ROM.
`default_nettype none

module matrix_vector_unit #(
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
    parameter              ROM_FORM    = "block",
    parameter              WEIGHTS     = ""
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [SIMD*X_BITS:0]    s_data,
    input  wire                     s_valid,
    output wire                     s_ready,

    output wire  [PE*ACC_BITS:0]    m_data,
    output wire                     m_valid,
    input  wire                     m_ready
);
    localparam int unsigned DEPTH  = SF * NF * GROUPS;
    localparam int unsigned A_BITS = (DEPTH * SETS > 1) ? $clog2(DEPTH * SETS) : 1;
    wire [A_BITS-1:0] address;
    wire [W_WORD-1:0] weights;
    wire              done;

    matrix_vector_core #(
        .PE(PE), .SIMD(SIMD), .SF(SF), .NF(NF), .GROUPS(GROUPS), .SETS(SETS), .BLOCK(BLOCK), .X_BITS(X_BITS),
        .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .BIPOLAR(BIPOLAR), .W_WORD(W_WORD),
        .SUM_BITS(SUM_BITS), .TIME(TIME), .ACC_BITS(ACC_BITS), .PLACES(PLACES), .FORM(FORM), .LAYOUT(LAYOUT),
        .BIAS(BIAS), .GRAPH(GRAPH), .BUFFER_FORM(BUFFER_FORM)
    ) core (
        .clk, .rst_n, .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready, .address, .weights, .there(1'b1), .done);

    rom #(.WORD_BITS(W_WORD), .DEPTH(DEPTH * SETS), .FORM(ROM_FORM), .FILE(WEIGHTS)) memory (
        .clk, .address, .data(weights));
    wire unused = &{1'b0, done};
endmodule

`default_nettype wire
