// Dot products by multipliers that make the products of one input with several rows' weights at once.
//
// The weights of a multiplier's rows lie apart in its wide operand, a = w0 + w1 * 2**o1 + ..., so that a * x holds the
// products. A negative product borrows from the one above: the carry of its row's tree gives it back, which is just the
// sign below, so that it costs no logic. Negative weights borrow in the same way, and are stored as they lie in `a`.
//
// LAYOUT: multipliers an input (12 bits), GAP (6), NARROW (6), EXTRA (1). Products of GAP bits lie GAP bits apart, but
// for the NARROW highest of a full multiplier, which lie a bit closer: there the sign below and the lowest bit above share
// a place, and the lowest bit of a product is known without a multiplier. With EXTRA, a weight is stored with a bit
// more in all rows but a multiplier's first.
`default_nettype none

module packed_products #(
    parameter int unsigned PE       = 2,
    parameter int unsigned SIMD     = 1,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter int unsigned W_WORD   = 9,
    parameter int unsigned LAYOUT   = 1 + 8 * 4096 + 16777216,
    parameter int unsigned SUM_BITS = 8
) (
    input  wire                    clk,
    input  wire  [SIMD*X_BITS-1:0] x,
    input  wire  [W_WORD-1:0]      w,
    output wire  [PE*SUM_BITS-1:0] sums,
    output wire  [PE-1:0]          carries
);
    localparam int unsigned GROUPS = LAYOUT % 4096;
    localparam int unsigned GAP    = LAYOUT / 4096 % 64;
    localparam int unsigned NARROW = LAYOUT / 262144 % 64;
    localparam int unsigned EXTRA  = LAYOUT / 16777216 % 2;
    localparam int unsigned WIDE   = (PE + GROUPS - 1) / GROUPS - 1 - NARROW;  // gaps that are not narrow
    localparam int unsigned FIELD  = W_BITS + EXTRA;
    localparam bit          SIGNED = X_SIGNED || W_SIGNED;                     // products are
    localparam int unsigned V_BITS = GAP + (SIGNED ? 0 : 1);

    wire [PE*SIMD*V_BITS-1:0] values;
    wire [PE*SIMD-1:0]        borrowed;

    for (genvar g = 0; g < int'(GROUPS); g++) begin : group
        localparam int unsigned FIRST  = g * PE / GROUPS;
        localparam int unsigned ROWS   = (g + 1) * PE / GROUPS - FIRST;
        localparam int unsigned TOP    = (ROWS - 1) * GAP - ((ROWS - 1 > WIDE) ? ROWS - 1 - WIDE : 0);
        localparam int unsigned A_BITS = TOP + ((ROWS > 1) ? FIELD : W_BITS);
        localparam int unsigned FIELDS = ROWS * FIELD - EXTRA;

        for (genvar i = 0; i < int'(SIMD); i++) begin : column
            wire        [FIELDS-1:0]   fields = w[SIMD * (FIRST * FIELD - g * EXTRA) + i * FIELDS +: FIELDS];
            wire        [X_BITS-1:0]   xi = x[i*X_BITS +: X_BITS];
            wire signed [X_BITS:0]     xs = {X_SIGNED & xi[X_BITS-1], xi};
            wire signed [A_BITS:0]     a;
            logic signed [TOP+GAP-1:0] product;
            always_ff @(posedge clk) product <= (TOP+GAP)'(a * xs);
            assign a[A_BITS] = W_SIGNED & fields[FIELDS-1];

            logic late;
            always_ff @(posedge clk) late <= xi[0];

            for (genvar r = 0; r < int'(ROWS); r++) begin : row
                localparam int unsigned AT    = r * GAP - ((r > int'(WIDE)) ? r - WIDE : 0);
                localparam int unsigned BITS  = (r == 0) ? W_BITS : FIELD;
                localparam bit          LAST  = r == int'(ROWS) - 1;
                localparam bit          CLOSE = !LAST && r >= int'(WIDE);
                localparam int unsigned PLACE = LAST ? BITS : GAP - (CLOSE ? 1 : 0);  // of its weight in a
                wire [BITS-1:0]   field = fields[((r == 0) ? 0 : r * FIELD - EXTRA) +: BITS];
                wire [V_BITS-1:0] value;
                assign a[AT +: PLACE] = {{(PLACE-BITS){W_SIGNED & field[BITS-1]}}, field};
                assign values[((FIRST + r) * SIMD + i) * V_BITS +: V_BITS] = value;

                if (CLOSE) begin : close
                    // The weight above is odd where its field and what it lent to this one differ.
                    logic odd, lent;
                    always_ff @(posedge clk) begin
                        odd  <= fields[(r+1) * FIELD - EXTRA];
                        lent <= W_SIGNED & field[BITS-1];
                    end
                    assign value = {product[AT+GAP-1] ^ (late & (odd ^ lent)), product[AT +: GAP-1]};
                end else begin : whole
                    assign value = V_BITS'(product[AT +: GAP]);
                end
                if (r == 0) begin : lowest
                    assign borrowed[(FIRST + r) * SIMD + i] = 1'b0;
                end else begin : above
                    assign borrowed[(FIRST + r) * SIMD + i] = row[r-1].value[V_BITS-1];
                end
            end
            wire unused = &{1'b0, late};
        end

        for (genvar r = 0; r < int'(ROWS); r++) begin : total
            adder_tree #(.INPUTS(SIMD), .BITS(V_BITS)) tree (
                .clk, .values(values[(FIRST + r) * SIMD * V_BITS +: SIMD * V_BITS]),
                .carries(borrowed[(FIRST + r) * SIMD +: SIMD]),
                .sum(sums[(FIRST + r) * SUM_BITS +: SUM_BITS]), .carry(carries[FIRST + r]));
        end
    end
endmodule

`default_nettype wire
