// Dot products by multipliers that make the products of one input with several rows' weights at once.
//
// The weights of a multiplier's rows lie apart in its wide operand, a = w0 + w1 * 2**o1 + ..., so that a * x holds the
// products. A negative product borrows from the one above: the carry of its row's tree gives it back, which is just the
// sign below, so that it costs no logic. Negative weights borrow in the same way, and are stored as they lie in `a`.
//
// LAYOUT: multipliers an input (12 bits), GAP (6), NARROW (6), EXTRA (1), OFFSET (1). Products of GAP bits lie GAP bits
// apart, but for the NARROW highest of a full multiplier, which lie a bit closer: there the sign below and the lowest bit
// above share a place, and the lowest bit of a product is known without a multiplier. With EXTRA, a weight is stored with
// a bit more in all rows but a multiplier's first.
//
// With OFFSET, all weights of a multiplier but its highest have 2 ** (W_BITS - 1) added, so that none borrows, and the
// products lack -k * x - 1, where k * x is just x in as many places. The multiplier's own adder adds all of it but the 1,
// which looks like a product below the lowest that borrowed. It takes a cycle more, and x is unsigned.
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
    localparam bit          OFFSET = LAYOUT / 33554432 % 2 == 1;
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
            logic                      late;
            assign a[A_BITS] = W_SIGNED & fields[FIELDS-1];
            if (OFFSET) begin : offset
                logic signed [TOP+GAP-1:0] raw;
                logic        [X_BITS-1:0]  x_raw;
                wire  signed [TOP+GAP-1:0] less;
                assign less[TOP+GAP-1:TOP] = '1;
                for (genvar r = 0; r < int'(ROWS) - 1; r++) begin : row
                    localparam int unsigned AT   = r * GAP - ((r > int'(WIDE)) ? r - WIDE : 0);
                    localparam int unsigned NEXT = (r + 1) * GAP - ((r + 1 > int'(WIDE)) ? r + 1 - WIDE : 0);
                    assign less[NEXT-1:AT] = {{(NEXT-AT-X_BITS-W_BITS+1){1'b1}}, ~x_raw, {(W_BITS-1){1'b1}}};
                end
                always_ff @(posedge clk) begin
                    raw     <= (TOP+GAP)'(a * xs);
                    x_raw   <= xi;
                    product <= raw + less;
                    late    <= x_raw[0];
                end
            end else begin : direct
                always_ff @(posedge clk) begin
                    product <= (TOP+GAP)'(a * xs);
                    late    <= xi[0];
                end
            end

            for (genvar r = 0; r < int'(ROWS); r++) begin : row
                localparam int unsigned AT    = r * GAP - ((r > int'(WIDE)) ? r - WIDE : 0);
                localparam int unsigned BITS  = (r == 0) ? W_BITS : FIELD;
                localparam bit          LAST  = r == int'(ROWS) - 1;
                localparam bit          CLOSE = !LAST && r >= int'(WIDE);
                localparam int unsigned PLACE = LAST ? BITS : GAP - (CLOSE ? 1 : 0);  // of its weight in a
                localparam bit          LENDS = W_SIGNED && !OFFSET;                  // where it is negative
                wire [BITS-1:0]   field = fields[((r == 0) ? 0 : r * FIELD - EXTRA) +: BITS];
                wire [V_BITS-1:0] value;
                assign a[AT +: PLACE] = {{(PLACE-BITS){LENDS & field[BITS-1]}}, field};
                assign values[((FIRST + r) * SIMD + i) * V_BITS +: V_BITS] = value;

                if (CLOSE) begin : close
                    // The weight above is odd where its field and what it lent to this one differ.
                    logic odd, lent;
                    wire  above = fields[(r+1) * FIELD - EXTRA];
                    if (OFFSET) begin : offset
                        logic odd_raw;
                        always_ff @(posedge clk) {odd, odd_raw} <= {odd_raw, above};
                        assign lent = 1'b0;
                    end else begin : direct
                        always_ff @(posedge clk) {odd, lent} <= {above, LENDS & field[BITS-1]};
                    end
                    assign value = {product[AT+GAP-1] ^ (late & (odd ^ lent)), product[AT +: GAP-1]};
                end else begin : whole
                    assign value = V_BITS'(product[AT +: GAP]);
                end
                if (r == 0) begin : lowest
                    assign borrowed[(FIRST + r) * SIMD + i] = OFFSET;
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
