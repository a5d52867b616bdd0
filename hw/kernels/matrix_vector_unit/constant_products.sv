// The dot products of SIMD inputs with PE rows of constant weights: a graph of adders, as adder_graph.py finds it.
//
// GRAPH has a record of 26 digits for every adder, the first one's first. A digit is a letter whose low four bits count:
// `@` is 0, `A` is 1, ... `O` is 15.
//   of the left operand and of the right one: its source (the inputs, then the adders in their order) 4, its bits 2, its
//   shift 2, the cycles that it waits 2
//   of the sum: its bits 2, the cycles that it is kept for whoever waits 2
//   operation 1: 1 for a difference, 2 for the negative of the right one, else a sum; 1 if the sum is registered
// After these comes a record of 11 for every row: an operand as above, and 1 unless the row is zero.
// All rows take the same time, that of the deepest one.
`default_nettype none

module constant_products #(
    parameter int unsigned SIMD     = 1,
    parameter int unsigned PE       = 1,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned SUM_BITS = 8,
    parameter int unsigned ADDERS   = 1,
    parameter int unsigned KEEP     = 0,  // cycles that the inputs are kept
    parameter              GRAPH    = "@@@@@E@@@@@@@@@E@@@@@F@@@B@@@A@F@@@@A"
) (
    input  wire                   clk,
    input  wire [SIMD*X_BITS-1:0] x,
    output wire [PE*SUM_BITS-1:0] sums
);
    localparam int unsigned RECORD = 8 * 26, ROW = 8 * 11;

    for (genvar i = 0; i < int'(SIMD + ADDERS); i++) begin : source
        localparam int N = (i < int'(SIMD)) ? 0 : i - int'(SIMD);
        localparam logic [RECORD-1:0] T = GRAPH[int'(PE*ROW) + (int'(ADDERS)-1-N)*int'(RECORD) +: RECORD];
        localparam int unsigned BITS = (i < int'(SIMD)) ? X_BITS + (X_SIGNED ? 0 : 1) : {24'b0, T[43:40], T[35:32]};
        localparam int unsigned KEPT = (i < int'(SIMD)) ? KEEP : {24'b0, T[27:24], T[19:16]};
        wire signed [BITS-1:0]          value;
        wire        [(KEPT+1)*BITS-1:0] line;  // the value 0, 1, ... cycles ago, the newest in the lowest bits

        if (i < int'(SIMD)) begin : word
            assign value = BITS'({X_SIGNED & x[(i+1)*X_BITS - 1], x[i*X_BITS +: X_BITS]});
        end else begin : adder
            localparam int unsigned LEFT        = {16'b0, T[203:200], T[195:192], T[187:184], T[179:176]};
            localparam int unsigned LEFT_BITS   = {24'b0, T[171:168], T[163:160]};
            localparam int unsigned LEFT_SHIFT  = {24'b0, T[155:152], T[147:144]};
            localparam int unsigned LEFT_WAIT   = {24'b0, T[139:136], T[131:128]};
            localparam int unsigned RIGHT       = {16'b0, T[123:120], T[115:112], T[107:104], T[99:96]};
            localparam int unsigned RIGHT_BITS  = {24'b0, T[91:88], T[83:80]};
            localparam int unsigned RIGHT_SHIFT = {24'b0, T[75:72], T[67:64]};
            localparam int unsigned RIGHT_WAIT  = {24'b0, T[59:56], T[51:48]};
            localparam bit          SUBTRACT = T[8], NEGATE = T[9], REGISTERED = T[0];

            wire signed [LEFT_BITS-1:0]  l = source[LEFT].line[LEFT_WAIT*LEFT_BITS +: LEFT_BITS];
            wire signed [RIGHT_BITS-1:0] r = source[RIGHT].line[RIGHT_WAIT*RIGHT_BITS +: RIGHT_BITS];
            wire signed [BITS-1:0]       left = NEGATE ? '0 : BITS'(l) <<< LEFT_SHIFT, right = BITS'(r) <<< RIGHT_SHIFT;
            wire signed [BITS-1:0]       total = (SUBTRACT || NEGATE) ? left - right : left + right;
            wire                         unused = &{1'b0, l, r};  // a narrow sum needs not all of them
            if (REGISTERED) begin : registered
                logic signed [BITS-1:0] held;
                always_ff @(posedge clk) held <= total;
                assign value = held;
            end else begin : wired
                assign value = total;
            end
        end

        wire unused = &{1'b0, line};
        if (KEPT > 0) begin : kept
            logic [KEPT*BITS-1:0] past;
            always_ff @(posedge clk) past <= (KEPT*BITS)'({past, value});
            assign line = {past, value};
        end else begin : fresh
            assign line = value;
        end
    end

    for (genvar p = 0; p < int'(PE); p++) begin : row
        localparam logic [ROW-1:0] T = GRAPH[(int'(PE)-1-p)*int'(ROW) +: ROW];
        localparam int unsigned SOURCE = {16'b0, T[83:80], T[75:72], T[67:64], T[59:56]};
        localparam int unsigned BITS   = {24'b0, T[51:48], T[43:40]};
        localparam int unsigned SHIFT  = {24'b0, T[35:32], T[27:24]};
        localparam int unsigned WAITS  = {24'b0, T[19:16], T[11:8]};
        wire signed [BITS-1:0] word = source[SOURCE].line[WAITS*BITS +: BITS];
        assign sums[p*SUM_BITS +: SUM_BITS] = T[0] ? SUM_BITS'(word) <<< SHIFT : '0;
    end
endmodule

`default_nettype wire
