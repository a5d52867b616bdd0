// Every word that goes in comes out, in order, and in time; DEPTH words fit.
`default_nettype none

module stream_fifo_formal #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned DEPTH     = 4,
    parameter              FORM      = "lut",
    parameter int unsigned LATENCY   = 2   // cycles from a word taken to the same word shown
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire [WORD_BITS-1:0] s_data,
    input wire                 s_valid,
    input wire                 m_ready
);
    localparam int unsigned BITS = $clog2(DEPTH + 1);
    wire                 s_ready, m_valid, here;
    wire [WORD_BITS-1:0] m_data, word;
    wire [BITS-1:0]      inside;
    (* anyconst *) logic [BITS-1:0] chosen;
    initial assume (!rst_n);

    stream_fifo #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .FORM(FORM)) dut (.*);

    tracker #(.WORD_BITS(WORD_BITS), .MOST(DEPTH)) words (
        .clk, .rst_n, .chosen, .put(s_valid && s_ready), .put_word(s_data), .shown(m_valid), .give(m_valid && m_ready),
        .inside, .here, .word
    );
    held #(.WORD_BITS(WORD_BITS)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(LATENCY - 1)) shows (.clk, .rst_n, .waits(inside != '0 && !m_valid));
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    always @* if (rst_n && here) in_order: assert (m_data == word);
endmodule

`default_nettype wire
