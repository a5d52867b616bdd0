// What `packed_products` computes, with its LAYOUT of weights, as plain products for simulators of whole designs.
`default_nettype none

module packed_products_model #(
    parameter int unsigned PE       = 2,
    parameter int unsigned SIMD     = 1,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter int unsigned W_WORD   = 9,
    parameter int unsigned LAYOUT   = 1 + 8 * 4096 + 16777216,
    parameter int unsigned CYCLES   = 1,
    parameter int unsigned SUM_BITS = 8
) (
    input  wire                    clk,
    input  wire  [SIMD*X_BITS-1:0] x,
    input  wire  [W_WORD-1:0]      w,
    output wire  [PE*SUM_BITS-1:0] sums
);
    localparam int GROUPS = int'(LAYOUT % 4096);
    localparam int EXTRA  = int'(LAYOUT / 16777216 % 2);
    localparam bit OFFSET = LAYOUT / 33554432 % 2 == 1;
    localparam int MOST   = (int'(PE) + GROUPS - 1) / GROUPS;  // rows of a multiplier
    localparam int FIELD  = int'(W_BITS) + EXTRA;
    localparam int T      = (SUM_BITS > 32) ? 64 : 32;

    // A multiplier of fewer rows reads a field too many, whose sum nobody takes: at the end, a field of zeros.
    wire [int'(W_WORD)+FIELD-1:0] padded = (int'(W_WORD) + FIELD)'(w);

    logic [PE*SUM_BITS-1:0] now;
    always_comb begin
        logic [MOST*FIELD-1:0] fields;
        logic [FIELD-1:0]      field;
        logic [X_BITS-1:0]     xi;
        logic signed [T-1:0]   totals[MOST];
        logic signed [T-1:0]   a, b;
        logic                  lent;  // a negative field below owes this one
        int first, height, at;
        now = '0;
        at  = 0;
        /* verilator unroll_disable */
        for (int g = 0; g < GROUPS; g++) begin
            first = g * int'(PE) / GROUPS;
            height = (g + 1) * int'(PE) / GROUPS - first;
            for (int r = 0; r < MOST; r++) totals[r] = '0;
            /* verilator unroll_disable */
            for (int i = 0; i < int'(SIMD); i++) begin
                fields = (MOST*FIELD)'(padded[at +: MOST*FIELD-EXTRA]);
                at     = at + height * FIELD - EXTRA;
                xi     = x[i*int'(X_BITS) +: X_BITS];
                a      = X_SIGNED ? T'($signed(xi)) : T'(xi);
                lent   = 1'b0;
                for (int r = 0; r < MOST; r++) begin
                    if (r > 0)         field = fields[(r == 0 ? 0 : r*FIELD-EXTRA) +: FIELD];
                    else if (W_SIGNED) field = FIELD'($signed(fields[W_BITS-1:0]));
                    else               field = FIELD'(fields[W_BITS-1:0]);
                    b = W_SIGNED ? T'($signed(field)) : T'(field);
                    if (!OFFSET)             totals[r] = totals[r] + a * (b + T'(lent));
                    else if (r < height - 1) totals[r] = totals[r] + a * (T'(field) - (1 << (W_BITS - 1)));
                    else                     totals[r] = totals[r] + a * b;
                    lent = b < 0;
                end
            end
            for (int r = 0; r < MOST; r++)
                if (r < height) now[(first+r)*int'(SUM_BITS) +: SUM_BITS] = SUM_BITS'(totals[r]);
        end
    end

    logic [PE*SUM_BITS-1:0] held[CYCLES];  // each for a cycle
    assign sums = held[CYCLES-1];
    always_ff @(posedge clk) begin
        held[0] <= now;
        for (int i = 1; i < int'(CYCLES); i++) held[i] <= held[i-1];
    end
endmodule

`default_nettype wire
