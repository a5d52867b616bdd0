// Every frame out has WORDS words; word `place` of a frame is the input frame's, and zero where that was cut short.
//
// Input frames are of any length. Of every four one is followed, the one numbered `chosen`.
`default_nettype none

module frame_guard_formal #(
    parameter int unsigned DATA_BITS = 1,
    parameter int unsigned WORDS     = 2
) (
    input wire               clk,
    input wire               rst_n,
    input wire [DATA_BITS:0] s_data,
    input wire               s_valid,
    input wire               m_ready
);
    localparam int unsigned COUNT_BITS = $clog2(WORDS + 1);
    typedef logic [COUNT_BITS-1:0] count_t;
    wire               s_ready, m_valid, frame_error;
    wire [DATA_BITS:0] m_data;
    initial assume (!rst_n);
    (* anyconst *) logic [1:0] chosen;
    (* anyconst *) count_t     place;
    always @* assume (place < count_t'(WORDS));

    frame_guard #(.WORD_BITS(DATA_BITS + 1), .WORDS(WORDS)) dut (.*);

    wire take   = s_valid && s_ready, give = m_valid && m_ready;
    wire s_last = s_data[DATA_BITS];
    wire ends   = given == count_t'(WORDS - 1);
    count_t               taken, given;          // words of the frame; `taken` stays at WORDS
    logic [1:0]           frames_in, frames_out; // that have ended
    logic [DATA_BITS-1:0] word;                  // the one followed
    logic                 fault = 1'b0;          // a frame was too short or too long
    logic                 was_cut = 1'b0, was_long = 1'b0;
    always @(posedge clk) begin
        if (!rst_n) begin
            {taken, given, frames_in, frames_out} <= '0;
        end else begin
            if (take) taken <= s_last ? '0 : taken == count_t'(WORDS) ? taken : taken + 1'b1;
            if (give) given <= ends ? '0 : given + 1'b1;
            frames_in  <= frames_in + 2'(take && s_last);
            frames_out <= frames_out + 2'(give && ends);
        end
        fault <= rst_n && take && (s_last ? taken < count_t'(WORDS - 1) : taken == count_t'(WORDS - 1));
        was_cut  <= rst_n && (was_cut || (fault && taken == '0));
        was_long <= rst_n && (was_long || taken == count_t'(WORDS));
        if (take && frames_in == chosen && taken == place) word <= s_data[DATA_BITS-1:0];
        else if (take && frames_in == chosen && taken == '0) word <= '0;
    end

    // A frame that is too long may have gone before it ends: then the output is one ahead.
    wire [1:0] inside = frames_in - frames_out;
    wire       behind = inside == 2'd1 || inside == 2'd2;

    held #(.WORD_BITS(DATA_BITS + 1)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(0)) shows (.clk, .rst_n, .waits(!m_valid && behind));
    within #(.CYCLES(WORDS)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    always @* if (rst_n) begin
        if (m_valid) whole:                assert (m_data[DATA_BITS] == ends);
        if (m_valid) nothing_from_nothing: assert (behind || (inside == '0 && taken > given));
        few_frames_inside:                 assert (behind || inside == '0 || (inside == '1 && taken == count_t'(WORDS)));
        error_is_told:                     assert (frame_error == fault);
        if (m_valid && frames_out == chosen && given == place) in_order: assert (m_data[DATA_BITS-1:0] == word);
        goes_on_after_a_short_one: cover (was_cut && give && ends && word != '0 && frames_out == chosen);
        goes_on_after_a_long_one:  cover (was_long && give && ends && word != '0 && frames_out == chosen);
    end
endmodule

`default_nettype wire
