// Bit `lane` of every wide word, or its `last`, goes in with one word and comes out with one word, in order and in time.
//
// A wide word is UP words in and DOWN words out; `lane` is any of its bits, so that what holds for it holds for all of them.
`default_nettype none

module width_converter_formal #(
    parameter int unsigned DATA_BITS = 1,
    parameter int unsigned UP        = 2,
    parameter int unsigned DOWN      = 1,
    parameter int unsigned MOST      = 3,  // wide words that have begun to come and have not all gone
    parameter int unsigned LATENCY   = 1   // cycles from a wide word's last part to its first
) (
    input wire               clk,
    input wire               rst_n,
    input wire [DATA_BITS:0] s_data,
    input wire               s_valid,
    input wire               m_ready
);
    localparam int unsigned WIDE_BITS = DATA_BITS * UP;
    localparam int unsigned OUT_BITS  = WIDE_BITS / DOWN;
    localparam int unsigned LANE_BITS = $clog2(WIDE_BITS + 1);
    localparam int unsigned BITS      = $clog2(MOST + 1);
    wire               s_ready, m_valid, here;
    wire [OUT_BITS:0]  m_data;
    wire [BITS-1:0]    inside;
    wire               bit_in, bit_out, word;
    (* anyconst *) logic [BITS-1:0]      chosen;
    (* anyconst *) logic [LANE_BITS-1:0] lane;  // WIDE_BITS is `last`
    initial assume (!rst_n);
    always @* assume (lane <= LANE_BITS'(WIDE_BITS));

    width_converter #(.DATA_BITS(DATA_BITS), .UP(UP), .DOWN(DOWN)) dut (.*);

    // Words of the wide word that were taken and given.
    wire take = s_valid && s_ready, give = m_valid && m_ready;
    wire wide_in  = take && taken == UP - 1;
    wire wide_out = give && given == DOWN - 1;
    logic [7:0] taken, given;
    always @(posedge clk) begin
        taken <= (!rst_n || wide_in)  ? '0 : taken + 8'(take);
        given <= (!rst_n || wide_out) ? '0 : given + 8'(give);
    end

    // The words that the chosen bit is in.
    wire is_last = lane == LANE_BITS'(WIDE_BITS);
    wire in_here  = taken == (is_last ? UP - 1 : lane / DATA_BITS);
    wire out_here = given == (is_last ? DOWN - 1 : lane / OUT_BITS);
    assign bit_in  = 1'(s_data >> (is_last ? DATA_BITS : lane % DATA_BITS));
    assign bit_out = 1'(m_data >> (is_last ? OUT_BITS : lane % OUT_BITS));

    tracker #(.WORD_BITS(1), .MOST(MOST)) bits (
        .clk, .rst_n, .chosen, .put(take && in_here), .put_word(bit_in),
        .shown(m_valid && out_here), .give(give && out_here), .inside, .here, .word
    );
    held #(.WORD_BITS(OUT_BITS + 1)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));

    // `inside`, of `last`, counts whole wide words.
    within #(.CYCLES(LATENCY - 1)) shows (.clk, .rst_n, .waits(is_last && inside != '0 && !m_valid));
    within #(.CYCLES(DOWN + ((UP > 1 && DOWN > 1) ? 1 : 0))) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    always @* if (rst_n) begin
        if (m_valid && given != DOWN - 1) last_with_last: assert (!m_data[OUT_BITS]);
        if (here) in_order: assert (bit_out == word);
    end
endmodule

`default_nettype wire
