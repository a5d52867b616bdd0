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
    wire                 s_ready, m_valid;
    wire [WORD_BITS-1:0] m_data;
    initial assume (!rst_n);

    register_slice #(.WORD_BITS(WORD_BITS)) dut (.*);

    carries #(.WORD_BITS(WORD_BITS)) slice (.*);
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));
endmodule

`default_nettype wire
