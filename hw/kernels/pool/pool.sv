// Reduces windows as they come, each channel to its largest or to its sum.
//
// A frame is LINES lines, a line WINDOWS windows, a window TAPS taps, a tap FOLDS words. The first window of a line lacks
// BEFORE taps and the last one AFTER, as padding would be; REST taps behind a line's last window are dropped. The results
// so far wait in a delay line of FOLDS words: registers up to 4, else a FIFO. A window's last tap sends them on instead,
// and the next window's first tap fills the line anew, so a word a cycle is taken without a gap between windows or
// frames. What limits it: one addition or comparison a cycle from the slice through the lane into the line.
`default_nettype none

module pool #(
    parameter bit          LARGEST  = 0,  // else the sum
    parameter int unsigned LANES    = 1,
    parameter int unsigned FOLDS    = 4,
    parameter int unsigned TAPS     = 2,
    parameter int unsigned BEFORE   = 0,
    parameter int unsigned AFTER    = 0,
    parameter int unsigned WINDOWS  = 4,
    parameter int unsigned REST     = 0,
    parameter int unsigned LINES    = 1,
    parameter int unsigned BITS     = 4,  // of a lane in
    parameter bit          SIGNED   = 0,
    parameter int unsigned OUT_BITS = 8,  // of a lane out, which holds the result
    parameter int unsigned DEPTH    = 8,  // of the FIFO
    parameter              FORM     = "lut"
) (
    input  wire                       clk,
    input  wire                       rst_n,

    input  wire  [LANES*BITS:0]       s_data,
    input  wire                       s_valid,
    output wire                       s_ready,

    output logic [LANES*OUT_BITS:0]   m_data,
    output logic                      m_valid,
    input  wire                       m_ready
);
    localparam int unsigned MOST        = TAPS > REST ? TAPS : REST;
    localparam int unsigned FOLD_BITS   = FOLDS > 1 ? $clog2(FOLDS) : 1;
    localparam int unsigned TAP_BITS    = MOST > 1 ? $clog2(MOST) : 1;
    localparam int unsigned WINDOW_BITS = WINDOWS > 1 ? $clog2(WINDOWS) : 1;
    localparam int unsigned LINE_BITS   = LINES > 1 ? $clog2(LINES) : 1;
    localparam int unsigned SUM_BITS    = LANES * OUT_BITS;
    // Taps after its first of a line's first window, of its last, of those between, and of what is dropped.
    localparam logic [TAP_BITS-1:0] FIRST  = TAP_BITS'(TAPS - 1 - BEFORE - (WINDOWS == 1 ? AFTER : 0));
    localparam logic [TAP_BITS-1:0] FINAL  = TAP_BITS'(TAPS - 1 - AFTER);
    localparam logic [TAP_BITS-1:0] MIDDLE = TAP_BITS'(TAPS - 1);
    localparam logic [TAP_BITS-1:0] DROPS  = TAP_BITS'(REST > 0 ? REST - 1 : 0);

    wire [LANES*BITS-1:0]    x_data;
    wire                     x_valid, x_last, take;
    logic [FOLD_BITS-1:0]    fold;
    logic [TAP_BITS-1:0]     taps_left;
    logic [WINDOW_BITS-1:0]  window;
    logic [LINE_BITS-1:0]    line_index;
    logic                    first;     // a window's first tap
    logic                    dropping;  // behind a line's last window
    wire [SUM_BITS-1:0]      earlier;   // the results so far, of this word's channels
    wire                     earlier_valid, line_ready;
    wire [SUM_BITS-1:0]      result;

    register_slice #(.WORD_BITS(LANES * BITS + 1)) slice (
        .clk(clk), .rst_n(rst_n), .s_data(s_data), .s_valid(s_valid), .s_ready(s_ready),
        .m_data({x_last, x_data}), .m_valid(x_valid), .m_ready(take)
    );

    wire last_fold   = FOLDS == 1 || fold == FOLD_BITS'(FOLDS - 1);
    wire last_tap    = taps_left == '0;
    wire last_window = WINDOWS == 1 || window == WINDOW_BITS'(WINDOWS - 1);
    wire last_line   = LINES == 1 || line_index == LINE_BITS'(LINES - 1);
    wire done        = last_tap && !dropping;  // the results go out
    wire place       = last_tap ? !m_valid || m_ready : line_ready;
    assign take      = x_valid && (dropping || ((first || earlier_valid) && place));

    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        wire                sign = SIGNED && x_data[(i+1)*BITS-1];
        wire [OUT_BITS-1:0] x    = OUT_BITS'({{OUT_BITS{sign}}, x_data[i*BITS +: BITS]});
        wire [OUT_BITS-1:0] so_far = earlier[i*OUT_BITS +: OUT_BITS];
        if (LARGEST) begin : largest
            wire wins = SIGNED ? $signed(x) > $signed(so_far) : x > so_far;
            assign result[i*OUT_BITS +: OUT_BITS] = first || wins ? x : so_far;
        end else begin : sum
            assign result[i*OUT_BITS +: OUT_BITS] = (first ? '0 : so_far) + x;
        end
    end

    logic [TAP_BITS-1:0] next_taps;
    always_comb begin
        if      (!last_window)           next_taps = 32'(window) + 2 == WINDOWS ? FINAL : MIDDLE;
        else if (REST > 0 && !dropping)  next_taps = DROPS;
        else                             next_taps = FIRST;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            fold       <= '0;
            taps_left  <= FIRST;
            window     <= '0;
            line_index <= '0;
            first      <= 1'b1;
            dropping   <= 1'b0;
            m_valid    <= 1'b0;
        end else begin
            if (take) fold <= last_fold ? '0 : fold + 1'b1;
            if (take && last_fold) begin
                taps_left <= last_tap ? next_taps : taps_left - 1'b1;
                first     <= last_tap;
                if (last_tap) begin
                    if (!last_window)         window   <= window + 1'b1;
                    else if (REST == 0 || dropping) window <= '0;
                    dropping <= REST > 0 && last_window && !dropping;
                    if (last_window && !dropping) line_index <= last_line ? '0 : line_index + 1'b1;
                end
            end
            m_valid <= (take && done) || (m_valid && !m_ready);
        end
    end

    always_ff @(posedge clk) if (take && done) m_data <= {last_fold && last_window && last_line, result};

    if (FOLDS <= 4) begin : registers
        logic [SUM_BITS-1:0] line[FOLDS];
        assign earlier       = line[0];
        assign earlier_valid = 1'b1;
        assign line_ready    = 1'b1;
        for (genvar i = 0; i < int'(FOLDS); i++) begin : stage
            always_ff @(posedge clk) if (take) line[i] <= (i + 1 == int'(FOLDS)) ? result : line[(i + 1) % FOLDS];
        end
    end else begin : fifo
        stream_fifo #(.WORD_BITS(SUM_BITS), .DEPTH(DEPTH), .FORM(FORM)) line (
            .clk(clk), .rst_n(rst_n),
            .s_data(result), .s_valid(take && !last_tap && !dropping), .s_ready(line_ready),
            .m_data(earlier), .m_valid(earlier_valid), .m_ready(take && !first)
        );
    end

    wire unused = &{x_last, 1'b0};  // frames are whole: the counters know their end
endmodule

`default_nettype wire
