// Every word that goes in comes out, in order, a cycle later; two fit.
`default_nettype none

module register_slice_formal #(
    parameter int unsigned WORD_BITS = 2
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire [WORD_BITS-1:0] s_data,
    input wire                 s_valid,
    input wire                 m_ready
);
    wire                 s_ready, m_valid, here;
    wire [WORD_BITS-1:0] m_data, word;
    wire [1:0]           inside;
    (* anyconst *) logic [1:0] chosen;
    initial assume (!rst_n);

    register_slice #(.WORD_BITS(WORD_BITS)) dut (.*);

    tracker #(.WORD_BITS(WORD_BITS), .MOST(2)) words (
        .clk, .rst_n, .chosen, .put(s_valid && s_ready), .put_word(s_data), .shown(m_valid), .give(m_valid && m_ready),
        .inside, .here, .word
    );
    held #(.WORD_BITS(WORD_BITS)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    always @* if (rst_n) begin
        shows: assert (m_valid || inside == '0);
        if (here) in_order: assert (m_data == word);
    end
endmodule

`default_nettype wire
