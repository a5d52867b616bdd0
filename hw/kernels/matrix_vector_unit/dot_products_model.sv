// What all forms of `dot_products` compute, for simulators of whole designs, which need no gates: plain products.
//
// For weights that are stored one by one. Sums come CYCLES after their operands. Written for Verilator: the lanes of a
// few machine words are straight-line code in loops over words and rows, so that its C++ stays short and is fast.
`default_nettype none

module dot_products_model #(
    parameter int unsigned PE       = 2,
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter bit          BIPOLAR  = 0,
    parameter int unsigned CYCLES   = 1,
    parameter int unsigned BIAS     = 0,
    parameter int unsigned SUM_BITS = 9
) (
    input  wire                     clk,
    input  wire  [SIMD*X_BITS-1:0]  x,
    input  wire  [PE*SIMD*W_BITS-1:0] w,
    output wire  [PE*SUM_BITS-1:0]  sums
);
    localparam int WIDER = int'(X_BITS > W_BITS ? X_BITS : W_BITS);
    localparam int MOST  = (WIDER > 32) ? 1 : 64 / WIDER;           // lanes whose operands fit into 64 bits
    localparam int LANES = (int'(SIMD) < MOST) ? int'(SIMD) : MOST;
    localparam int CHUNKS = (int'(SIMD) + LANES - 1) / LANES;
    localparam int T = (SUM_BITS > 32) ? 64 : 32;

    logic [PE*SUM_BITS-1:0] held[CYCLES];  // each for a cycle
    assign sums = held[CYCLES-1];

    logic [PE*SUM_BITS-1:0] now;
    always_comb begin
        logic [CHUNKS*LANES*X_BITS-1:0] inputs;  // zeros fill the last chunk
        logic [CHUNKS*LANES*W_BITS-1:0] row;
        logic [LANES*X_BITS-1:0]        xs;
        logic [LANES*W_BITS-1:0]        ws;
        logic signed [T-1:0]            total, a, b;
        inputs = (CHUNKS*LANES*X_BITS)'(x);
        now    = '0;
        /* verilator unroll_disable */
        for (int p = 0; p < int'(PE); p++) begin
            row   = (CHUNKS*LANES*W_BITS)'(w[p*int'(SIMD*W_BITS) +: SIMD*W_BITS]);
            total = T'(BIAS);
            /* verilator unroll_disable */
            for (int c = 0; c < CHUNKS; c++) begin
                xs = inputs[c*LANES*int'(X_BITS) +: LANES*X_BITS];
                ws = row[c*LANES*int'(W_BITS) +: LANES*W_BITS];
                for (int i = 0; i < LANES; i++) begin
                    a = X_SIGNED ? T'($signed(xs[i*int'(X_BITS) +: X_BITS])) : T'(xs[i*int'(X_BITS) +: X_BITS]);
                    if (BIPOLAR)       b = ws[i] ? 1 : -1;
                    else if (W_SIGNED) b = T'($signed(ws[i*int'(W_BITS) +: W_BITS]));
                    else               b = T'(ws[i*int'(W_BITS) +: W_BITS]);
                    total = total + a * b;
                end
            end
            now[p*int'(SUM_BITS) +: SUM_BITS] = SUM_BITS'(total);
        end
    end
    always_ff @(posedge clk) begin
        held[0] <= now;
        for (int i = 1; i < int'(CYCLES); i++) held[i] <= held[i-1];
    end
endmodule

`default_nettype wire
