// The dot product of SIMD inputs and weights of so few bits that CELL products with their sum are a LUT a bit.
//
// The sums of the cells are registered, then added in a tree, a register a level.
`default_nettype none

module table_lanes #(
    parameter int unsigned SIMD      = 4,
    parameter int unsigned X_BITS    = 1,
    parameter bit          X_SIGNED  = 0,
    parameter int unsigned W_BITS    = 2,
    parameter bit          W_SIGNED  = 1,
    parameter int unsigned CELL      = 1,  // lanes
    parameter int unsigned CELL_BITS = 3,  // of a cell's sum, which is signed
    parameter int unsigned CELLS     = (SIMD + CELL - 1) / CELL,
    parameter int unsigned SUM_BITS  = CELL_BITS + $clog2(CELLS)
) (
    input  wire                        clk,
    input  wire         [SIMD*X_BITS-1:0] x,
    input  wire         [SIMD*W_BITS-1:0] w,
    output wire  signed [SUM_BITS-1:0]    sum
);
    logic [CELLS*CELL_BITS-1:0] sums;
    for (genvar c = 0; c < int'(CELLS); c++) begin : group
        localparam int unsigned FIRST = c * CELL;
        localparam int unsigned LANES = (SIMD - FIRST < CELL) ? SIMD - FIRST : CELL;
        wire [CELL_BITS-1:0] total;
        wire [LANES*CELL_BITS-1:0] products;
        for (genvar i = 0; i < int'(LANES); i++) begin : lane
            gate_product #(
                .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED), .OUT_BITS(CELL_BITS)
            ) multiply (
                .x(x[(FIRST+i)*X_BITS +: X_BITS]), .w(w[(FIRST+i)*W_BITS +: W_BITS]),
                .product(products[i*CELL_BITS +: CELL_BITS]));
        end
        gate_sum #(.INPUTS(LANES), .BITS(CELL_BITS), .OUT_BITS(CELL_BITS)) add (.values(products), .sum(total));
        always_ff @(posedge clk) sums[c*CELL_BITS +: CELL_BITS] <= total;
    end

    wire carry;
    adder_tree #(.INPUTS(CELLS), .BITS(CELL_BITS), .CARRY(0)) tree (.clk, .values(sums), .carries('0), .sum, .carry);
    wire unused = &{1'b0, carry};
endmodule

`default_nettype wire
