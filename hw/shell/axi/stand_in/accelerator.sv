// Stand-in for tests: the accelerator's ports; frames of 4 words, the answer to a word the sum of its three lanes.
//
// A frame whose `last` comes early or late raises frame_error for a cycle.
`default_nettype none

module accelerator (
    input  wire         clk,
    input  wire         rst_n,
    input  wire  [24:0] s_data,
    input  wire         s_valid,
    output wire         s_ready,
    output logic [10:0] m_data,
    output logic        m_valid,
    input  wire         m_ready,
    output logic        frame_error
);
    logic [1:0] count;
    logic       busy;
    assign s_ready = !m_valid && !busy;
    wire take = s_valid && s_ready;

    always_ff @(posedge clk) begin
        frame_error <= 1'b0;
        if (!rst_n) begin
            m_valid <= 1'b0;
            busy    <= 1'b1;
            count   <= '0;
        end else begin
            busy <= take;
            m_valid <= take || (m_valid && !m_ready);
            if (take) begin
                count       <= s_data[24] ? 2'd0 : count + 2'd1;
                frame_error <= s_data[24] != (count == 2'd3);
                m_data      <= {s_data[24], 10'(s_data[7:0]) + 10'(s_data[15:8]) + 10'(s_data[23:16])};
            end
        end
    end
endmodule

`default_nettype wire
