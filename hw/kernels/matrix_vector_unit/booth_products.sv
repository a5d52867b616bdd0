// Dot products in logic: every product by Booth's recoding, and a tree for each row that takes their carries.
`default_nettype none

module booth_products #(
    parameter int unsigned PE       = 1,
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter int unsigned SUM_BITS = 9
) (
    input  wire                           clk,
    input  wire  [SIMD*X_BITS-1:0]        x,
    input  wire  [PE*SIMD*W_BITS-1:0]     w,
    output wire  [PE*SUM_BITS-1:0]        sums,
    output wire  [PE-1:0]                 carries
);
    // Of the products: one more where neither is signed, because the sums are.
    localparam int unsigned P_BITS = X_BITS + W_BITS + ((X_SIGNED || W_SIGNED) ? 0 : 1);
    localparam int unsigned SKEW   = (W_BITS + (W_SIGNED ? 0 : 1) > 2) ? 1 : 0;  // adders behind a lane's registers

    logic [SIMD*X_BITS-1:0] late;
    always_ff @(posedge clk) late <= x;

    for (genvar p = 0; p < int'(PE); p++) begin : row
        wire [SIMD*P_BITS-1:0] products;
        wire [SIMD-1:0]        ones;
        for (genvar i = 0; i < int'(SIMD); i++) begin : lane
            booth_lane #(
                .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .PRODUCT_BITS(P_BITS)
            ) booth (
                .clk, .x(late[i*X_BITS +: X_BITS]), .w(w[(p*SIMD+i)*W_BITS +: W_BITS]),
                .product(products[i*P_BITS +: P_BITS]), .carry(ones[i]));
        end
        adder_tree #(.INPUTS(SIMD), .BITS(P_BITS), .SKEW(SKEW)) tree (
            .clk, .values(products), .carries(ones), .sum(sums[p*SUM_BITS +: SUM_BITS]), .carry(carries[p]));
    end
endmodule

`default_nettype wire
