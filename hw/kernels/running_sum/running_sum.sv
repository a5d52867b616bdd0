// Running sums along an axis, each channel by itself.
//
// A frame is lines of STEPS steps, a step FOLDS words. Each word's sums so far wait in a line of FOLDS words until the
// next step brings that word's channels again: registers up to 4, else a FIFO. Registers take zeros with a line's last
// step; the FIFO takes nothing then, and what it would show in a first step counts as zeros. A word a cycle, without a gap
// between lines or frames. What limits it: one addition a cycle from the slice through the lane into the line.
`default_nettype none

module running_sum #(
    parameter int unsigned LANES     = 1,
    parameter int unsigned FOLDS     = 4,
    parameter int unsigned STEPS     = 2,
    parameter int unsigned BITS      = 4,  // of a lane in
    parameter bit          SIGNED    = 0,
    parameter int unsigned OUT_BITS  = 8,  // of a lane out, which holds all sums
    parameter bit          EXCLUSIVE = 0,  // a sum leaves its own step out
    parameter int unsigned DEPTH     = 8,  // of the FIFO
    parameter              FORM      = "lut"
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
    localparam int unsigned FOLD_BITS = FOLDS > 1 ? $clog2(FOLDS) : 1;
    localparam int unsigned STEP_BITS = STEPS > 1 ? $clog2(STEPS) : 1;
    localparam int unsigned SUM_BITS  = LANES * OUT_BITS;

    wire [LANES*BITS-1:0] x_data;
    wire                  x_valid, x_last, take;
    logic [FOLD_BITS-1:0] fold;
    logic [STEP_BITS-1:0] step;
    wire [SUM_BITS-1:0]   earlier, grown;  // the sums of this word's channels without this step, and with it
    wire                  line_ready;     // the line gives and takes

    register_slice #(.WORD_BITS(LANES * BITS + 1)) slice (
        .clk(clk), .rst_n(rst_n), .s_data(s_data), .s_valid(s_valid), .s_ready(s_ready),
        .m_data({x_last, x_data}), .m_valid(x_valid), .m_ready(take)
    );

    wire last_fold = FOLDS == 1 || fold == FOLD_BITS'(FOLDS - 1);
    wire last_step = STEPS == 1 || step == STEP_BITS'(STEPS - 1);
    wire show      = !m_valid || m_ready;
    assign take    = x_valid && line_ready && show;

    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        wire                sign = SIGNED && x_data[(i+1)*BITS-1];
        wire [OUT_BITS-1:0] x    = OUT_BITS'({{OUT_BITS{sign}}, x_data[i*BITS +: BITS]});
        assign grown[i*OUT_BITS +: OUT_BITS] = earlier[i*OUT_BITS +: OUT_BITS] + x;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            fold    <= '0;
            step    <= '0;
            m_valid <= 1'b0;
        end else begin
            if (take) fold <= last_fold ? '0 : fold + 1'b1;
            if (take && last_fold) step <= last_step ? '0 : step + 1'b1;
            m_valid <= take || (m_valid && !m_ready);
        end
    end

    always_ff @(posedge clk) if (take) m_data <= {x_last, EXCLUSIVE ? earlier : grown};

    if (FOLDS <= 4) begin : registers
        logic [SUM_BITS-1:0] line[FOLDS];
        assign earlier     = line[0];
        assign line_ready = 1'b1;
        for (genvar i = 0; i + 1 < int'(FOLDS); i++) begin : place
            always_ff @(posedge clk) begin
                if (!rst_n)    line[i] <= '0;
                else if (take) line[i] <= line[i+1];
            end
        end
        always_ff @(posedge clk) begin
            if (!rst_n || (take && last_step)) line[FOLDS-1] <= '0;
            else if (take)                     line[FOLDS-1] <= grown;
        end
    end else begin : fifo
        wire [SUM_BITS-1:0] stored;
        wire                stored_valid, room;
        logic               first;  // a line's first step
        always_ff @(posedge clk) begin
            if (!rst_n)                 first <= 1'b1;
            else if (take && last_fold) first <= last_step;
        end
        assign earlier     = first ? '0 : stored;
        assign line_ready = (first || stored_valid) && (last_step || room);
        stream_fifo #(.WORD_BITS(SUM_BITS), .DEPTH(DEPTH), .FORM(FORM)) line (
            .clk(clk), .rst_n(rst_n),
            .s_data(grown), .s_valid(take && !last_step), .s_ready(room),
            .m_data(stored), .m_valid(stored_valid), .m_ready(take && !first)
        );
    end
endmodule

`default_nettype wire
