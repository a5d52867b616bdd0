// One word of an AXI4-Stream held in registers, and one spare: both sides' handshakes are functions of registers only.
//
// A word a cycle while neither side stalls; a word shows one cycle after it was taken.
`default_nettype none

module axi_stream_register #(
    parameter int unsigned WORD_BITS = 9
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire  [WORD_BITS-1:0] s_data,
    input  wire                  s_valid,
    output wire                  s_ready,

    output logic [WORD_BITS-1:0] m_data,
    output logic                 m_valid,
    input  wire                  m_ready
);
    logic                 spare_full;
    logic                 open;       // low during reset: nothing is taken that reset would then lose
    logic [WORD_BITS-1:0] spare;

    assign s_ready = open && !spare_full;
    wire take    = s_valid && s_ready;
    wire stalled = m_valid && !m_ready;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
            open       <= 1'b0;
        end else begin
            open       <= 1'b1;
            m_valid    <= stalled || spare_full || take;
            spare_full <= stalled && (spare_full || take);
        end
    end
    always_ff @(posedge clk) begin
        if (!stalled) m_data <= spare_full ? spare : s_data;
        if (take)     spare  <= s_data;
    end
endmodule

`default_nettype wire
