// Dot products by multipliers: every product is a `*` between two registers, which synthesis maps to a DSP block.
`default_nettype none

module multiplier_products #(
    parameter int unsigned PE       = 1,
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 8,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 8,
    parameter bit          W_SIGNED = 1,
    parameter int unsigned SUM_BITS = 17
) (
    input  wire                           clk,
    input  wire  [SIMD*X_BITS-1:0]        x,
    input  wire  [PE*SIMD*W_BITS-1:0]     w,
    output wire  [PE*SUM_BITS-1:0]        sums
);
    // Of the products: one more where neither is signed, because the sums are.
    localparam int unsigned P_BITS = X_BITS + W_BITS + ((X_SIGNED || W_SIGNED) ? 0 : 1);

    for (genvar p = 0; p < int'(PE); p++) begin : row
        wire [SIMD*P_BITS-1:0] products;
        wire                   carry;
        for (genvar i = 0; i < int'(SIMD); i++) begin : lane
            wire [X_BITS-1:0] xi = x[i*X_BITS +: X_BITS];
            wire [W_BITS-1:0] wi = w[(p*SIMD+i)*W_BITS +: W_BITS];
            wire signed [X_BITS:0] xs = {X_SIGNED & xi[X_BITS-1], xi};
            wire signed [W_BITS:0] ws = {W_SIGNED & wi[W_BITS-1], wi};
            logic signed [P_BITS-1:0] product;
            always_ff @(posedge clk) product <= P_BITS'(xs * ws);
            assign products[i*P_BITS +: P_BITS] = product;
        end
        adder_tree #(.INPUTS(SIMD), .BITS(P_BITS), .CARRY(0)) tree (
            .clk, .values(products), .carries('0), .sum(sums[p*SUM_BITS +: SUM_BITS]), .carry);
        wire unused = &{1'b0, carry};
    end
endmodule

`default_nettype wire
