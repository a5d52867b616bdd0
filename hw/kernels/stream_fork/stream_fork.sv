// Copies every word of one stream to COPIES streams.
//
// Each output holds one word to show. A word that not all of them had room for waits in one spare register, from which
// each stalled output takes it; the input is ready while nobody waits for the spare, which is a matter of registers alone.
// A word a cycle while no output stalls; the slowest consumer sets the rate, and the fastest is one word ahead of it.
`default_nettype none

module stream_fork #(
    parameter int unsigned WORD_BITS = 9,  // a word's data and its `last`
    parameter int unsigned COPIES    = 2
) (
    input  wire                         clk,
    input  wire                         rst_n,

    input  wire  [WORD_BITS-1:0]        s_data,
    input  wire                         s_valid,
    output wire                         s_ready,

    output logic [COPIES*WORD_BITS-1:0] m_data,
    output logic [COPIES-1:0]           m_valid,
    input  wire  [COPIES-1:0]           m_ready
);
    logic [WORD_BITS-1:0] spare;    // the last word taken
    logic [COPIES-1:0]    waiting;  // outputs that have yet to take it from there
    assign s_ready = ~|waiting;
    wire   take    = s_valid && s_ready;
    wire [COPIES-1:0] stalled = m_valid & ~m_ready;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid <= '0;
            waiting <= '0;
        end else begin
            m_valid <= stalled | waiting | {COPIES{take}};
            waiting <= stalled & (waiting | {COPIES{take}});
        end
    end

    always_ff @(posedge clk) if (take) spare <= s_data;

    for (genvar i = 0; i < int'(COPIES); i++) begin : output_i
        always_ff @(posedge clk) begin
            if (!stalled[i]) m_data[i*WORD_BITS +: WORD_BITS] <= waiting[i] ? spare : s_data;
        end
    end
endmodule

`default_nettype wire
