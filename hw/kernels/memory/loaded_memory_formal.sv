// A memory's own words of every packet lie in it when it says so; all others leave, in order, none lost and none twice.
//
// Packets hold whatever comes, and more words or none for kernels behind this one. One word of a set is followed, its
// lowest and its highest bit; it shows whenever it is read, until its set is given back.
`default_nettype none

module loaded_memory_formal #(
    parameter int unsigned WORD_BITS    = 1,
    parameter int unsigned DEPTH        = 2,
    parameter int unsigned PACK         = 1,
    parameter bit          EACH_FRAME   = 1,
    parameter bit          START_PACKET = 0
) (
    input wire       clk,
    input wire       rst_n,
    input wire [1:0] w_bits,
    input wire       w_last,
    input wire       w_valid,
    input wire       n_ready,
    input wire       wish,
    input wire [2:0] at
);
    localparam int unsigned SETS   = EACH_FRAME ? 2 : 1;
    localparam int unsigned PIECES = (PACK * WORD_BITS + 63) / 64;
    localparam int unsigned OWN    = DEPTH / PACK * PIECES;  // words of the port to a set
    localparam int unsigned A_BITS = (SETS * DEPTH > 1) ? $clog2(SETS * DEPTH) : 1;
    initial assume (!rst_n);
    (* anyconst *) logic [2:0] followed;
    (* anyconst *) logic [1:0] chosen;
    always @* assume (followed < 3'(DEPTH));

    wire                 w_ready, n_valid, there;
    wire [64:0]          w_data = {w_last, 62'b0, w_bits};
    wire [64:0]          n_data;
    wire [WORD_BITS-1:0] data;
    wire                 done = wish && there;
    wire [A_BITS-1:0]    address = A_BITS'(at);
    loaded_memory #(
        .WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .SETS(SETS), .PACK(PACK), .EACH_FRAME(EACH_FRAME),
        .START_PACKET(START_PACKET), .FORM("lut")
    ) dut (.*);

    // Whose a word is that is taken: the first OWN of a packet are this memory's.
    logic [3:0] place;      // in the packet; stays at OWN
    logic       for_others; // the start packet comes by
    wire        take = w_valid && w_ready;
    wire        own  = !for_others && place < 4'(OWN);
    always @(posedge clk) begin
        if (!rst_n) {for_others, place} <= {START_PACKET && EACH_FRAME, 4'b0};
        else if (take && EACH_FRAME && w_last) {for_others, place} <= '0;
        else if (take && own) place <= place + 1'b1;
    end
    // A packet has all words of its kernels.
    always @* if (EACH_FRAME && w_valid && own && place < 4'(OWN - 1)) assume (!w_last);

    wire [1:0]  inside;
    wire        here;
    wire [2:0]  word;
    tracker #(.WORD_BITS(3), .MOST(2)) others (
        .clk, .rst_n, .chosen, .put(take && !own), .put_word({w_last, w_bits}), .shown(n_valid),
        .give(n_valid && n_ready), .inside, .here, .word);
    held #(.WORD_BITS(3)) out (
        .clk, .rst_n, .data({n_data[64], n_data[1:0]}), .valid(n_valid), .ready(n_ready));

    // Sets that are in, the one under way followed in `low` and `high`; a few may wait in front of the memory.
    logic [2:0] sets_in, sets_out;
    logic [7:0] low, high;
    wire        bit_ = w_bits[followed % PACK];
    wire        last_of_set = take && own && place == 4'(OWN - 1);
    always @(posedge clk) begin
        if (!rst_n) begin
            sets_in  <= '0;
            sets_out <= '0;
        end else begin
            sets_in  <= sets_in + 3'(last_of_set);
            sets_out <= sets_out + 3'(done && EACH_FRAME);
        end
        if (take && own && place == 4'(followed / PACK * PIECES)) low[sets_in] <= bit_;
        if (take && own && place == 4'(followed / PACK * PIECES + PIECES - 1)) high[sets_in] <= bit_;
    end
    wire [2:0] sets = sets_in - sets_out;

    // What is read shows two cycles later.
    logic [1:0] asked;
    logic [1:0] lows, highs;
    wire [2:0]  base = (EACH_FRAME && sets_out[0]) ? 3'(DEPTH) : 3'd0;
    always @(posedge clk) begin
        asked <= rst_n ? {asked[0], there && 3'(address) == base + followed} : '0;
        lows  <= {lows[0], low[sets_out]};
        highs <= {highs[0], high[sets_out]};
    end

    within #(.CYCLES(1)) shows (.clk, .rst_n, .waits(n_ready && !there && sets != '0));
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(n_ready && !w_ready && sets < 3'd2));

    always @* if (rst_n) begin
        whole_sets: assert (!there || sets != '0);
        if (here) in_order: assert ({n_data[64], n_data[1:0]} == word);
        if (asked[1]) begin
            right_low:  assert (data[0] == lows[1]);
            right_high: assert (data[WORD_BITS-1] == highs[1]);
            reads:      cover (lows[1] && highs[1]);
        end
        if (EACH_FRAME) begin
            fills_up: cover (sets == 3'd2);
            goes_on:  cover (sets_out == 3'd3 && there);
        end
    end
endmodule

`default_nettype wire
