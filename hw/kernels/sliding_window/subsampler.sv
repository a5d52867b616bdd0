// Passes every STRIDE-th position of a frame on and drops the others: the window of a kernel of one tap.
//
// It holds one word to show and one spare, as a register slice does, so the input's ready is a register. A word a cycle.
`default_nettype none

module subsampler #(
    parameter int unsigned DATA_BITS  = 8,  // a word's data
    parameter int unsigned GROUPS     = 1,  // words a position
    parameter int unsigned HEIGHT     = 1,
    parameter int unsigned WIDTH      = 8,
    parameter int unsigned OUT_HEIGHT = 1,
    parameter int unsigned OUT_WIDTH  = 4,
    parameter int unsigned STRIDE_Y   = 1,
    parameter int unsigned STRIDE_X   = 2
) (
    input  wire                 clk,
    input  wire                 rst_n,

    input  wire  [DATA_BITS:0]  s_data,
    input  wire                 s_valid,
    output wire                 s_ready,

    output logic [DATA_BITS:0]  m_data,
    output logic                m_valid,
    input  wire                 m_ready
);
    logic [DATA_BITS:0] spare;
    logic               spare_full;
    wire  take    = s_valid && s_ready;
    wire  stalled = m_valid && !m_ready;
    assign s_ready = !spare_full;

    wire group_last, kept_x, kept_y, column_last, row_last, x_end, y_end;
    if (GROUPS > 1) begin : groups
        logic [$clog2(GROUPS)-1:0] group;
        assign group_last = group == $clog2(GROUPS)'(GROUPS - 1);
        always_ff @(posedge clk) begin
            if (!rst_n)    group <= '0;
            else if (take) group <= group_last ? '0 : group + 1'b1;
        end
    end else begin : one_group
        assign group_last = 1'b1;
    end
    subsampler_axis #(.LENGTH(WIDTH), .STRIDE(STRIDE_X), .KEPT(OUT_WIDTH)) columns (
        .clk, .rst_n, .step(take && group_last), .kept(kept_x), .kept_last(column_last), .at_end(x_end)
    );
    subsampler_axis #(.LENGTH(HEIGHT), .STRIDE(STRIDE_Y), .KEPT(OUT_HEIGHT)) rows (
        .clk, .rst_n, .step(take && group_last && x_end), .kept(kept_y), .kept_last(row_last), .at_end(y_end)
    );

    wire keep = take && kept_x && kept_y;
    wire [DATA_BITS:0] word = {group_last && column_last && row_last, s_data[DATA_BITS-1:0]};
    wire unused = &{1'b0, y_end, s_data[DATA_BITS]};  // it counts the frame's words itself

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
        end else if (stalled) begin
            spare_full <= spare_full || keep;
        end else begin
            m_valid    <= spare_full || keep;
            spare_full <= 1'b0;
        end
        if (!stalled) m_data <= spare_full ? spare : word;
        if (take)     spare  <= word;
    end
endmodule

`default_nettype wire
