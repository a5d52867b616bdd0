// Every word that goes in comes out once, unchanged and in order, and is shown LATENCY cycles after it was taken at the
// latest, if it is the next; MOST fit.
`default_nettype none

module carries #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned MOST      = 2,
    parameter int unsigned LATENCY   = 1
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire [WORD_BITS-1:0] s_data,
    input wire                 s_valid,
    input wire                 s_ready,
    input wire [WORD_BITS-1:0] m_data,
    input wire                 m_valid,
    input wire                 m_ready
);
    localparam int unsigned BITS = $clog2(MOST + 1);
    (* anyconst *) logic [BITS-1:0] chosen;
    wire [BITS-1:0]      inside;
    wire                 here;
    wire [WORD_BITS-1:0] word;

    tracker #(.WORD_BITS(WORD_BITS), .MOST(MOST)) words (
        .clk, .rst_n, .chosen, .put(s_valid && s_ready), .put_word(s_data), .shown(m_valid), .give(m_valid && m_ready),
        .inside, .here, .word
    );
    held #(.WORD_BITS(WORD_BITS)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(LATENCY - 1)) shows (.clk, .rst_n, .waits(inside != '0 && !m_valid));
    always @* if (rst_n && here) in_order: assert (m_data == word);
endmodule

`default_nettype wire
