// The dot product of SIMD inputs and weights, sum + carry, a new one every cycle.
//
// FORM "lut" multiplies in logic, "dsp" with `*` between two registers, which synthesis maps to a DSP block.
`default_nettype none

module dot_product #(
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter              FORM     = "lut",
    // of the products: one more where neither is signed, because the sums are
    parameter int unsigned P_BITS   = X_BITS + W_BITS + ((X_SIGNED || W_SIGNED) ? 0 : 1),
    parameter int unsigned SUM_BITS = P_BITS + $clog2(SIMD)
) (
    input  wire                         clk,
    input  wire         [SIMD*X_BITS-1:0] x,
    input  wire         [SIMD*W_BITS-1:0] w,
    output wire  signed [SUM_BITS-1:0]    sum,
    output wire                           carry
);
    localparam logic [7:0] LETTER = 8'(FORM);
    localparam bit LUT = (LETTER == "t");
    localparam int unsigned LANE_LEVELS = (LUT && W_BITS + (W_SIGNED ? 0 : 1) > 2) ? 1 : 0;

    wire [SIMD*P_BITS-1:0] products;
    wire [SIMD-1:0]        carries;

    for (genvar i = 0; i < int'(SIMD); i++) begin : lane
        wire [X_BITS-1:0] xi = x[i*X_BITS +: X_BITS];
        wire [W_BITS-1:0] wi = w[i*W_BITS +: W_BITS];
        if (LUT) begin : lut
            logic [X_BITS-1:0] late;
            always_ff @(posedge clk) late <= xi;
            booth_lane #(
                .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .PRODUCT_BITS(P_BITS)
            ) multiply (
                .clk, .x(late), .w(wi), .product(products[i*P_BITS +: P_BITS]), .carry(carries[i]));
        end else begin : dsp
            wire signed [X_BITS:0] xs = {X_SIGNED & xi[X_BITS-1], xi};
            wire signed [W_BITS:0] ws = {W_SIGNED & wi[W_BITS-1], wi};
            logic signed [P_BITS-1:0] product;
            always_ff @(posedge clk) product <= P_BITS'(xs * ws);
            assign products[i*P_BITS +: P_BITS] = product;
            assign carries[i] = 1'b0;
        end
    end

    adder_tree #(.INPUTS(SIMD), .BITS(P_BITS), .SKEW(LANE_LEVELS), .CARRY(LUT)) tree (
        .clk, .values(products), .carries, .sum, .carry);
endmodule

`default_nettype wire
