// Stands in for an accelerator: doubles every lane, and reports a frame that does not have FRAME words.
`default_nettype none

module accelerator #(
    parameter int unsigned LANES = 4,
    parameter int unsigned FRAME = 6
) (
    input  wire                clk,
    input  wire                rst_n,
    input  wire  [LANES*8:0]   s_data,
    input  wire                s_valid,
    output wire                s_ready,
    output logic [LANES*9:0]   m_data,
    output logic               m_valid,
    input  wire                m_ready,
    output logic               frame_error
);
    logic [7:0] count;
    wire        last = s_data[LANES*8];
    assign s_ready = !m_valid;

    always_ff @(posedge clk) begin
        frame_error <= 1'b0;
        if (m_ready) m_valid <= 1'b0;
        if (s_valid && s_ready) begin
            m_valid <= 1'b1;
            m_data[LANES*9] <= last;
            for (int i = 0; i < int'(LANES); i++) m_data[i*9 +: 9] <= {s_data[i*8 +: 8], 1'b0};
            count       <= last ? '0 : count + 8'd1;
            frame_error <= last != (count == 8'(FRAME - 1));
        end
        if (!rst_n) begin
            m_valid <= 1'b0;
            count   <= '0;
        end
    end
endmodule

`default_nettype wire
