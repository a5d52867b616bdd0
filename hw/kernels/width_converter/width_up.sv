// Gathers RATIO words, at least 2, into one wide word, the first in the lowest bits.
//
// It gathers while the wide word before waits at the output, but for the word that would complete the next one; so a word
// a cycle while the output doesn't stall.
`default_nettype none

module width_up #(
    parameter int unsigned DATA_BITS = 8,  // of a word in
    parameter int unsigned RATIO     = 2
) (
    input  wire                        clk,
    input  wire                        rst_n,

    input  wire  [DATA_BITS:0]         s_data,
    input  wire                        s_valid,
    output wire                        s_ready,

    output logic [DATA_BITS*RATIO:0]   m_data,
    output logic                       m_valid,
    input  wire                        m_ready
);
    localparam int unsigned PART_BITS  = DATA_BITS * (RATIO - 1);
    localparam int unsigned COUNT_BITS = $clog2(RATIO);

    logic [PART_BITS-1:0]  part;   // the words so far, moving down
    logic [COUNT_BITS-1:0] count;
    wire   complete = count == COUNT_BITS'(RATIO - 1);
    assign s_ready  = !(complete && m_valid);
    wire   take     = s_valid && s_ready;
    wire [DATA_BITS*RATIO-1:0] all = {s_data[DATA_BITS-1:0], part};

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            count   <= '0;
            m_valid <= 1'b0;
        end else begin
            if (take) count <= complete ? '0 : count + 1'b1;
            m_valid <= (take && complete) || (m_valid && !m_ready);
        end
    end

    always_ff @(posedge clk) begin
        if (take)             part   <= all[DATA_BITS +: PART_BITS];
        if (take && complete) m_data <= {s_data[DATA_BITS], all};
    end
endmodule

`default_nettype wire
