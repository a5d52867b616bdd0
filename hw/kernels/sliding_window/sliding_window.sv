// Sends, for every output position of a convolution, the words of its window: taps in raster order, channels innermost.
//
// The buffer is a ring of POSITIONS input positions of GROUPS words. The reader's address, its coordinates in the frame
// and the ring's level move by constants at the end of a tap; a tap outside the frame is sent as FILL in every lane. A
// window starts once all of its words are in the ring, and its words are released after its last. One word a cycle, no
// bubble between windows or frames while POSITIONS leaves the writer room enough.
`default_nettype none

module sliding_window #(
    parameter int unsigned LANES      = 1,
    parameter int unsigned BITS       = 8,   // of a lane
    parameter int unsigned GROUPS     = 1,   // words a position
    parameter int unsigned HEIGHT     = 1,   // input positions; 1 high in one dimension
    parameter int unsigned WIDTH      = 8,
    parameter int unsigned OUT_HEIGHT = 1,
    parameter int unsigned OUT_WIDTH  = 8,
    parameter int unsigned KERNEL_Y   = 1,
    parameter int unsigned KERNEL_X   = 3,
    parameter int unsigned STRIDE_Y   = 1,
    parameter int unsigned STRIDE_X   = 1,
    parameter int unsigned DILATION_Y = 1,
    parameter int unsigned DILATION_X = 1,
    parameter int unsigned PAD_Y      = 0,   // before the first row, before the first column
    parameter int unsigned PAD_X      = 1,
    parameter int          FILL       = 0,   // what a lane holds in a padded tap
    parameter int unsigned POSITIONS  = 8,   // of the ring: a power of two, at least 2
    parameter int unsigned BLOCK_RAM  = 0    // else LUT RAM
) (
    input  wire                 clk,
    input  wire                 rst_n,

    input  wire  [LANES*BITS:0] s_data,
    input  wire                 s_valid,
    output wire                 s_ready,

    output wire  [LANES*BITS:0] m_data,
    output logic                m_valid,
    input  wire                 m_ready
);
    localparam int DATA_BITS = int'(LANES * BITS);
    localparam logic [DATA_BITS-1:0] PADDED = {LANES{BITS'(FILL)}};
    // All that follows counts in positions; a row down is WIDTH of them.
    localparam int H = int'(HEIGHT),   W = int'(WIDTH);
    localparam int REACH_Y = int'((KERNEL_Y - 1) * DILATION_Y), REACH_X = int'((KERNEL_X - 1) * DILATION_X);
    localparam int LAST_Y  = int'((OUT_HEIGHT - 1) * STRIDE_Y), LAST_X  = int'((OUT_WIDTH - 1) * STRIDE_X);
    localparam int END_Y   = LAST_Y - int'(PAD_Y) + REACH_Y,    END_X   = LAST_X - int'(PAD_X) + REACH_X;  // last tap
    localparam int REACH   = REACH_Y * W + REACH_X;
    localparam int LEAD    = int'(PAD_Y) * W + int'(PAD_X);  // by which the first window starts before the frame
    localparam bit PADDED_X = PAD_X > 0 || END_X >= W;
    localparam bit PADDED_Y = PAD_Y > 0 || END_Y >= H;
    localparam bit ENDS_WITH_FRAME = LAST_Y * W + LAST_X - LEAD + REACH >= H * W;  // the last window, in words awaited
    // From one window's start to the next one's: in a row, to the next row, to the next frame.
    localparam int STEP_X = int'(STRIDE_X);
    localparam int STEP_Y = int'(STRIDE_Y) * W - LAST_X;
    localparam int STEP_F = (H - LAST_Y) * W - LAST_X;

    localparam int P = $clog2(POSITIONS);
    localparam int G = GROUPS > 1 ? $clog2(GROUPS) : 1;
    localparam int A = P + $clog2(GROUPS);
    localparam int X = $clog2((END_X >= W ? END_X + 1 : W) + int'(PAD_X) + 1);
    localparam int Y = $clog2((END_Y >= H ? END_Y + 1 : H) + int'(PAD_Y) + 1);
    localparam int MOST_STEP = STEP_F > STEP_Y ? STEP_F : STEP_Y > STEP_X ? STEP_Y : STEP_X;
    localparam int L = $clog2(MOST_STEP > 2 * int'(POSITIONS) ? MOST_STEP : 2 * int'(POSITIONS)) + 1;
    localparam int C = $clog2(int'(POSITIONS) / (H * W) + 2);  // frames of which the ring can hold the end

    // Reader: group, tap and window.
    logic [G-1:0] group;
    logic [P-1:0] position;
    logic         start;  // the next word is a window's first
    wire          issue, window_here;
    wire  group_last = GROUPS == 1 || group == G'(GROUPS - 1);
    wire  tap_x_last, tap_y_last, x_last, y_last, inside_x, inside_y;
    wire  tap_last    = tap_x_last && tap_y_last;
    wire  tap_done    = issue && group_last;
    wire  window_done = tap_done && tap_last;
    wire  frame_done  = window_done && x_last && y_last;
    wire  row_next    = tap_last && x_last;  // after this tap comes another row of windows

    logic [P-1:0] position_step;
    always_comb begin
        if      (!tap_x_last) position_step = P'(int'(DILATION_X));
        else if (!tap_y_last) position_step = P'(int'(DILATION_Y) * W - REACH_X);
        else if (!x_last)     position_step = P'(STEP_X - REACH);
        else if (!y_last)     position_step = P'(STEP_Y - REACH);
        else                  position_step = P'(STEP_F - REACH);
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            group    <= '0;
            position <= P'(-LEAD);
            start    <= 1'b1;
        end else if (issue) begin
            group <= group_last ? '0 : group + 1'b1;
            start <= group_last && tap_last;
            if (group_last) position <= position + position_step;
        end
    end

    // Coordinate of the tap in the frame, modulo 2**X: negative and too large ones are both outside.
    if (1) begin : axis_x
        localparam int K = KERNEL_X > 1 ? $clog2(KERNEL_X) : 1;
        logic [X-1:0] x, x_step;
        logic [K-1:0] tap;
        assign tap_x_last = KERNEL_X == 1 || tap == K'(KERNEL_X - 1);
        assign x_last     = x == X'(END_X);
        assign inside_x   = !PADDED_X || {1'b0, x} < (X + 1)'(W);
        always_comb begin
            if      (!tap_x_last) x_step = X'(int'(DILATION_X));
            else if (!tap_y_last) x_step = X'(-REACH_X);
            else if (!x_last)     x_step = X'(STEP_X - REACH_X);
            else                  x_step = X'(-LAST_X - REACH_X);
        end
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                tap <= '0;
                x   <= X'(-int'(PAD_X));
            end else if (tap_done) begin
                tap <= tap_x_last ? '0 : tap + 1'b1;
                x   <= x + x_step;
            end
        end
    end
    if (HEIGHT > 1 || KERNEL_Y > 1) begin : axis_y
        localparam int K = KERNEL_Y > 1 ? $clog2(KERNEL_Y) : 1;
        logic [Y-1:0] y, y_step;
        logic [K-1:0] tap;
        assign tap_y_last = KERNEL_Y == 1 || tap == K'(KERNEL_Y - 1);
        assign y_last     = y == Y'(END_Y);
        assign inside_y   = !PADDED_Y || {1'b0, y} < (Y + 1)'(H);
        always_comb begin
            if      (!tap_last) y_step = Y'(int'(DILATION_Y));
            else if (!x_last)   y_step = Y'(-REACH_Y);
            else if (!y_last)   y_step = Y'(int'(STRIDE_Y) - REACH_Y);
            else                y_step = Y'(-LAST_Y - REACH_Y);
        end
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                tap <= '0;
                y   <= Y'(-int'(PAD_Y));
            end else if (tap_done && tap_x_last) begin
                tap <= tap_y_last ? '0 : tap + 1'b1;
                y   <= y + y_step;
            end
        end
    end else begin : no_axis_y
        assign tap_y_last = 1'b1;
        assign y_last     = 1'b1;
        assign inside_y   = 1'b1;
    end

    // Writer. The level is the positions written beyond the current window's start; it is negative where a stride skips
    // positions that have not come yet.
    logic        [G-1:0] write_group;
    logic        [P-1:0] write_position;
    logic signed [L-1:0] level;
    wire  take             = s_valid && s_ready;
    wire  write_group_last = GROUPS == 1 || write_group == G'(GROUPS - 1);
    wire  position_in      = take && write_group_last;
    assign s_ready         = level < L'(int'(POSITIONS));

    logic signed [L-1:0] released;
    always_comb begin
        if      (!window_done) released = '0;
        else if (!row_next)    released = L'(-STEP_X);
        else if (!y_last)      released = L'(-STEP_Y);
        else                   released = L'(-STEP_F);
    end
    // The low bit carries the position that came: one adder for both.
    wire signed [L:0] level_next = {level, 1'b1} + {released, position_in};
    wire unused_carry = &{1'b0, level_next[0]};

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            write_group    <= '0;
            write_position <= '0;
            level          <= L'(LEAD);
        end else begin
            if (take) write_group <= write_group_last ? '0 : write_group + 1'b1;
            if (position_in) write_position <= write_position + 1'b1;
            level <= level_next[L:1];
        end
    end

    // A window that reaches beyond the frame is complete with the frame.
    wire enough = level > L'(REACH);
    if (ENDS_WITH_FRAME) begin : ends
        logic [C-1:0] frames;  // whose end has come and whose windows have not all been sent
        wire  frame_in = take && s_data[DATA_BITS];
        always_ff @(posedge clk) begin
            if (!rst_n) frames <= '0;
            else if (frame_in != frame_done) frames <= frame_in ? frames + 1'b1 : frames - 1'b1;
        end
        assign window_here = enough || frames != '0;
    end else begin : no_ends
        assign window_here = enough;
        wire unused = &{1'b0, s_data[DATA_BITS], frame_done};  // it counts the frame's words itself
    end

    wire can_issue = !start || window_here;
    wire masked    = !(inside_x && inside_y);
    wire last      = tap_last && x_last && y_last && group_last;
    wire [A-1:0] read_address  = (A'(position) << $clog2(GROUPS)) | A'(group);
    wire [A-1:0] write_address = (A'(write_position) << $clog2(GROUPS)) | A'(write_group);

    logic [DATA_BITS-1:0] data_out;
    logic                 last_out;
    wire  advance = !m_valid || m_ready;
    assign m_data = {last_out, data_out};

    if (BLOCK_RAM != 0) begin : block_ram
        (* ram_style = "block", no_rw_check *) logic [DATA_BITS-1:0] ring [2**A];
        logic [DATA_BITS-1:0] read;
        logic                 read_valid, read_masked, read_last;
        assign issue = can_issue && (!read_valid || advance);
        always_ff @(posedge clk) begin
            if (take)  ring[write_address] <= s_data[DATA_BITS-1:0];
            if (issue) read <= ring[read_address];
        end
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                read_valid <= 1'b0;
                m_valid    <= 1'b0;
            end else begin
                if (!read_valid || advance) read_valid <= can_issue;
                if (advance) m_valid <= read_valid;
            end
            if (issue) begin
                read_masked <= masked;
                read_last   <= last;
            end
            if (advance) begin
                data_out <= read_masked ? PADDED : read;
                last_out <= read_last;
            end
        end
    end else begin : lut_ram
        (* ram_style = "distributed" *) logic [DATA_BITS-1:0] ring [2**A];
        assign issue = can_issue && advance;
        always_ff @(posedge clk) if (take) ring[write_address] <= s_data[DATA_BITS-1:0];
        always_ff @(posedge clk) begin
            if (!rst_n) m_valid <= 1'b0;
            else if (advance) m_valid <= can_issue;
            if (issue) begin
                data_out <= masked ? PADDED : ring[read_address];
                last_out <= last;
            end
        end
    end
endmodule

`default_nettype wire
