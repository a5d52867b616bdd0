// Every word that goes in comes out of every copy once, in order, a cycle later; two fit in each.
`default_nettype none

module stream_fork_formal #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned COPIES    = 2
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire [WORD_BITS-1:0] s_data,
    input wire                 s_valid,
    input wire [COPIES-1:0]    m_ready
);
    wire                        s_ready;
    wire [COPIES-1:0]           m_valid;
    wire [COPIES*WORD_BITS-1:0] m_data;
    initial assume (!rst_n);

    stream_fork #(.WORD_BITS(WORD_BITS), .COPIES(COPIES)) dut (.*);

    for (genvar i = 0; i < int'(COPIES); i++) begin : copy
        carries #(.WORD_BITS(WORD_BITS)) slice (
            .clk, .rst_n, .s_data, .s_valid, .s_ready,
            .m_data(m_data[i*WORD_BITS +: WORD_BITS]), .m_valid(m_valid[i]), .m_ready(m_ready[i])
        );
    end
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(&m_ready && !s_ready));

    always @* if (rst_n) apart: cover (m_valid != '0 && m_valid != '1);  // one is ahead of another
endmodule

`default_nettype wire
