// Cuts every path between two sides of a stream.
//
// It holds one word to show and one spare; the input is ready while the spare is empty, which is a register. A word a
// cycle. Costs two registers and a LUT a bit, so other kernels put it where their words are narrow.
`default_nettype none

module register_slice #(
    parameter int unsigned WORD_BITS = 9  // a word's data and its `last`
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
    logic [WORD_BITS-1:0] spare;
    logic                 spare_full;
    assign s_ready = !spare_full;
    wire   take    = s_valid && s_ready;
    wire   stalled = m_valid && !m_ready;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
        end else if (stalled) begin
            spare_full <= spare_full || take;
        end else begin
            m_valid    <= spare_full || take;
            spare_full <= 1'b0;
        end
    end

    always_ff @(posedge clk) begin
        if (!stalled) m_data <= spare_full ? spare : s_data;
        if (take)     spare  <= s_data;
    end
endmodule

`default_nettype wire
