// Every word that goes in comes out, in order, and in time; DEPTH words fit.
`default_nettype none

module stream_fifo_formal #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned DEPTH     = 4,
    parameter              FORM      = "lut",
    parameter int unsigned LATENCY   = 2  // cycles from a word taken to the same word shown
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

    stream_fifo #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH), .FORM(FORM)) dut (.*);

    carries #(.WORD_BITS(WORD_BITS), .MOST(DEPTH), .LATENCY(LATENCY)) fifo (.*);
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !s_ready));
endmodule

`default_nettype wire
