// The dot product of SIMD inputs and weights, sum + carry, a new one every cycle.
//
// FORM "lut" multiplies in logic by Booth's recoding, "dsp" with `*` between two registers, which synthesis maps to a DSP
// block; "table" is for operands that fit into a LUT. With BIPOLAR a weight is one bit, 1 for 1 and 0 for -1.
`default_nettype none

module dot_product #(
    parameter int unsigned SIMD      = 2,
    parameter int unsigned X_BITS    = 4,
    parameter bit          X_SIGNED  = 0,
    parameter int unsigned W_BITS    = 4,
    parameter bit          W_SIGNED  = 1,
    parameter bit          BIPOLAR   = 0,
    parameter              FORM      = "lut",
    parameter int unsigned CELL      = 1,  // lanes of a LUT, in the form "table"
    parameter int unsigned CELL_BITS = 8,  // of their sum
    parameter int unsigned SUM_BITS  = 9
) (
    input  wire                           clk,
    input  wire         [SIMD*X_BITS-1:0] x,
    input  wire         [SIMD*W_BITS-1:0] w,
    output wire  signed [SUM_BITS-1:0]    sum,
    output wire                           carry
);
    localparam logic [7:0] LETTER = 8'(FORM);
    localparam bit LUT = (LETTER == "t"), TABLE = (LETTER == "e");

    // What is multiplied: -1 and 1 as two bits.
    localparam int unsigned W = BIPOLAR ? 2 : W_BITS;
    localparam bit          S = BIPOLAR || W_SIGNED;
    wire [SIMD*W-1:0] factors;
    if (BIPOLAR) begin : bipolar
        for (genvar i = 0; i < int'(SIMD); i++) begin : lane
            assign factors[2*i +: 2] = {!w[i], 1'b1};
        end
    end else begin : plain
        assign factors = w;
    end

    if (TABLE) begin : tables
        table_lanes #(
            .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W), .W_SIGNED(S), .CELL(CELL),
            .CELL_BITS(CELL_BITS)
        ) lanes (.clk, .x, .w(factors), .sum);
        assign carry = 1'b0;
    end else begin : multiply
        // Of the products: one more where neither is signed, because the sums are.
        localparam int unsigned P_BITS      = X_BITS + W + ((X_SIGNED || S) ? 0 : 1);
        localparam int unsigned LANE_LEVELS = (LUT && W + (S ? 0 : 1) > 2) ? 1 : 0;
        wire [SIMD*P_BITS-1:0] products;
        wire [SIMD-1:0]        carries;
        for (genvar i = 0; i < int'(SIMD); i++) begin : lane
            wire [X_BITS-1:0] xi = x[i*X_BITS +: X_BITS];
            wire [W-1:0]      wi = factors[i*W +: W];
            if (LUT) begin : lut
                logic [X_BITS-1:0] late;
                always_ff @(posedge clk) late <= xi;
                booth_lane #(
                    .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W), .W_SIGNED(S), .PRODUCT_BITS(P_BITS)
                ) booth (
                    .clk, .x(late), .w(wi), .product(products[i*P_BITS +: P_BITS]), .carry(carries[i]));
            end else begin : dsp
                wire signed [X_BITS:0] xs = {X_SIGNED & xi[X_BITS-1], xi};
                wire signed [W:0]      ws = {S & wi[W-1], wi};
                logic signed [P_BITS-1:0] product;
                always_ff @(posedge clk) product <= P_BITS'(xs * ws);
                assign products[i*P_BITS +: P_BITS] = product;
                assign carries[i] = 1'b0;
            end
        end
        adder_tree #(.INPUTS(SIMD), .BITS(P_BITS), .SKEW(LANE_LEVELS), .CARRY(LUT)) tree (
            .clk, .values(products), .carries, .sum, .carry);
    end
endmodule

`default_nettype wire
