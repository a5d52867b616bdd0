// Gives a wide word as RATIO words, at least 2, the lowest bits first.
//
// The next wide word is taken with the last part of the one before at the output; where that part stalls, it waits aside.
// So a word a cycle while neither side stalls.
`default_nettype none

module width_down #(
    parameter int unsigned DATA_BITS = 8,  // of a word out
    parameter int unsigned RATIO     = 2
) (
    input  wire                        clk,
    input  wire                        rst_n,

    input  wire  [DATA_BITS*RATIO:0]   s_data,
    input  wire                        s_valid,
    output wire                        s_ready,

    output wire  [DATA_BITS:0]         m_data,
    output wire                        m_valid,
    input  wire                        m_ready
);
    localparam int unsigned COUNT_BITS = $clog2(RATIO);
    localparam int unsigned WIDE_BITS  = DATA_BITS * RATIO;

    logic [WIDE_BITS-1:0]  parts;         // those still to give, moving down
    logic                  parts_valid;
    logic                  parts_last;    // they are the frame's last
    logic [COUNT_BITS-1:0] left;          // parts behind the lowest one
    logic [DATA_BITS:0]    aside;
    logic                  aside_valid;   // the last part before waits there, and shows
    logic                  open;          // no part, or one that can go aside: a register, as it steers wide words
    assign s_ready     = open;
    wire   take        = s_valid && open;
    wire   final_part  = left == '0;
    wire [DATA_BITS:0] lowest = {parts_last && final_part, parts[DATA_BITS-1:0]};
    assign m_data      = aside_valid ? aside : lowest;
    assign m_valid     = aside_valid || parts_valid;
    wire   give        = parts_valid && !aside_valid && m_ready;  // the lowest part moves out

    wire   parts_next  = take || (parts_valid && !(give && final_part));
    wire   aside_next  = (aside_valid || (take && parts_valid)) && !m_ready;
    wire [COUNT_BITS-1:0] left_next = take ? COUNT_BITS'(RATIO - 1) : left - COUNT_BITS'(give && !final_part);

    // The highest part stays where it is: zeros would cost a reset.
    wire [WIDE_BITS-1:0] moved = {parts[WIDE_BITS-1 -: DATA_BITS], parts[WIDE_BITS-1:DATA_BITS]};

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            parts_valid <= 1'b0;
            aside_valid <= 1'b0;
            left        <= '0;
            open        <= 1'b1;
        end else begin
            parts_valid <= parts_next;
            aside_valid <= aside_next;
            left        <= left_next;
            open        <= !parts_next || (left_next == '0 && !aside_next);
        end
    end

    always_ff @(posedge clk) begin
        if (take)              parts_last <= s_data[WIDE_BITS];
        if (take || give)      parts <= take ? s_data[WIDE_BITS-1:0] : moved;
        if (take)              aside <= lowest;
    end
endmodule

`default_nettype wire
