// Dot products in logic of AMD's LUTs of six inputs: chains of up to CHAIN lanes, whose adders multiply, and a tree.
//
// Each sum is too large by what raises its products (digit_chain.sv), always by as much; its sign bit is 0. Time: a cycle
// a digit of the weights, and the tree's.
`default_nettype none

module chain_products #(
    parameter int unsigned PE       = 2,
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter bit          UNIT     = 0,
    parameter int unsigned CHAIN    = 3,   // lanes
    parameter int unsigned BITS     = 10,  // of a chain's sum
    parameter int unsigned SUM_BITS = 11
) (
    input  wire                         clk,
    input  wire  [SIMD*X_BITS-1:0]      x,
    input  wire  [PE*SIMD*W_BITS-1:0]   w,
    output wire  [PE*SUM_BITS-1:0]      sums,
    output wire  [PE-1:0]               carries
);
    localparam int unsigned CHAINS = (SIMD + CHAIN - 1) / CHAIN;
    for (genvar p = 0; p < int'(PE); p++) begin : row
        wire [CHAINS*BITS-1:0] values;
        wire [CHAINS-1:0]      ones;
        for (genvar c = 0; c < int'(CHAINS); c++) begin : part
            localparam int unsigned FIRST = c * CHAIN;
            localparam int unsigned LANES = (SIMD - FIRST < CHAIN) ? SIMD - FIRST : CHAIN;
            digit_chain #(
                .LANES(LANES), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .UNIT(UNIT),
                .SUM_BITS(BITS)
            ) chain (
                .clk, .x(x[FIRST*X_BITS +: LANES*X_BITS]), .w(w[(p*SIMD + FIRST)*W_BITS +: LANES*W_BITS]),
                .sum(values[c*BITS +: BITS]), .carry(ones[c]));
        end
        wire [SUM_BITS-2:0] total;
        adder_tree #(.INPUTS(CHAINS), .BITS(BITS), .SIGNED(0)) tree (
            .clk, .values, .carries(ones), .sum(total), .carry(carries[p]));
        assign sums[p*SUM_BITS +: SUM_BITS] = {1'b0, total};
    end
endmodule

`default_nettype wire
