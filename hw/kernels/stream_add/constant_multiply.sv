// Multiplies by a constant, without a register: shifts and adds where up to three bits are set, else a multiplication,
// for which the tools may spend a DSP.
`default_nettype none

module constant_multiply #(
    parameter int unsigned IN_BITS     = 8,
    parameter bit          SIGNED      = 0,
    parameter int          COEFFICIENT = 1,
    parameter int unsigned BITS        = 9  // of the product, which wraps
) (
    input  wire [IN_BITS-1:0] x,
    output wire [BITS-1:0]    product
);
    localparam bit [31:0]   SIZE = (COEFFICIENT < 0) ? -COEFFICIENT : COEFFICIENT;

    wire [BITS-1:0]  extended = BITS'({{BITS{SIGNED && x[IN_BITS-1]}}, x});
    logic [BITS-1:0] size;

    if ($countones(SIZE) <= 3) begin : add
        always_comb begin
            size = '0;
            for (int k = 0; k < 32; k++) if (SIZE[k]) size = size + (extended << k);
        end
    end else begin : multiply
        assign size = extended * BITS'(SIZE);
    end
    assign product = (COEFFICIENT < 0) ? -size : size;
endmodule

`default_nettype wire
