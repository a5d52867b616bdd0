// Every word that goes in comes out, in order, a cycle later; two fit; nothing is taken that reset would lose.
`default_nettype none

module axi_stream_register_formal #(
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
    logic after_reset = 1'b0;  // the cycle before was one of reset
    always @(posedge clk) after_reset <= !rst_n;

    axi_stream_register #(.WORD_BITS(WORD_BITS)) dut (.*);

    tracker #(.WORD_BITS(WORD_BITS), .MOST(2)) words (
        .clk, .rst_n, .chosen, .put(s_valid && s_ready), .put_word(s_data), .shown(m_valid), .give(m_valid && m_ready),
        .inside, .here, .word
    );
    held #(.WORD_BITS(WORD_BITS)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    always @* begin
        if (after_reset) closed: assert (!s_ready && !m_valid);
        if (rst_n) shows: assert (m_valid || inside == '0);
        if (rst_n && here) in_order: assert (m_data == word);
    end
endmodule

`default_nettype wire
