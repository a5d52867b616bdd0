// Gathers RATIO words, at least 2, into one wide word, the first in the lowest bits.
//
// It gathers the next wide word while the one before waits at the output, its last part in a register aside. So a word a
// cycle while the output takes a wide word every RATIO cycles, at whichever of them.
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
    logic [DATA_BITS:0]    aside;  // the last part of a word that waits for the output
    logic                  full;   // there is one
    wire   complete = count == COUNT_BITS'(RATIO - 1);
    assign s_ready  = !full;
    wire   take     = s_valid && s_ready;
    wire   whole    = full || (take && complete);
    wire   show     = !m_valid || m_ready;
    wire [DATA_BITS:0] final_part = full ? aside : s_data;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            count   <= '0;
            full    <= 1'b0;
            m_valid <= 1'b0;
        end else begin
            if (take) count <= complete ? '0 : count + 1'b1;
            full    <= whole && !show;
            m_valid <= whole || !show;
        end
    end

    always_ff @(posedge clk) begin
        if (take && !complete) part   <= PART_BITS'({s_data[DATA_BITS-1:0], part} >> DATA_BITS);
        if (take)              aside  <= s_data;
        if (whole && show)     m_data <= {final_part, part};
    end
endmodule

`default_nettype wire
