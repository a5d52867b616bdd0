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
    wire                 s_ready, m_valid;
    wire [WORD_BITS-1:0] m_data;
    initial assume (!rst_n);

    axi_stream_register #(.WORD_BITS(WORD_BITS)) dut (.*);

    carries #(.WORD_BITS(WORD_BITS)) slice (.*);
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));

    logic after_reset = 1'b0;  // the cycle before was one of reset
    always @(posedge clk) after_reset <= !rst_n;
    always @* if (after_reset) closed: assert (!s_ready && !m_valid);
endmodule

`default_nettype wire
