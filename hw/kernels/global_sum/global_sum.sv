// Sums each channel over the positions of a frame.
//
// Words come position by position, FOLDS of them a position. The sums so far wait in a delay line of
// FOLDS words: registers up to 4, else a FIFO. The last position's sums go out instead, and the next frame's first
// position fills the line anew, so a word a cycle is taken without a gap between frames.
`default_nettype none

module global_sum #(
    parameter int unsigned LANES     = 1,
    parameter int unsigned FOLDS     = 4,  // words a position
    parameter int unsigned POSITIONS = 8,
    parameter int unsigned BITS      = 4,  // of a lane in
    parameter bit          SIGNED    = 0,
    parameter int unsigned OUT_BITS  = 8,  // of a lane out, which holds the sum
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
    localparam int unsigned FOLD_BITS     = (FOLDS > 1) ? $clog2(FOLDS) : 1;
    localparam int unsigned POSITION_BITS = (POSITIONS > 1) ? $clog2(POSITIONS) : 1;
    localparam int unsigned SUM_BITS      = LANES * OUT_BITS;

    wire [LANES*BITS-1:0]     x_data;
    wire                      x_valid, x_last, take;
    logic [FOLD_BITS-1:0]     fold;
    logic [POSITION_BITS-1:0] position;
    logic                     first;   // position 0
    wire [SUM_BITS-1:0]       earlier;  // sums so far, of this word's channels
    wire                      earlier_valid, line_ready;
    wire [SUM_BITS-1:0]       sum;

    register_slice #(.WORD_BITS(LANES * BITS + 1)) slice (
        .clk(clk), .rst_n(rst_n), .s_data(s_data), .s_valid(s_valid), .s_ready(s_ready),
        .m_data({x_last, x_data}), .m_valid(x_valid), .m_ready(take)
    );

    wire last_fold     = fold == FOLD_BITS'(FOLDS - 1);
    wire last_position = position == POSITION_BITS'(POSITIONS - 1);
    wire show          = last_position && (!m_valid || m_ready);
    assign take        = x_valid && (first || earlier_valid) && (last_position ? show : line_ready);

    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        wire sign = SIGNED && x_data[(i+1)*BITS-1];
        wire [OUT_BITS-1:0] x = OUT_BITS'({{OUT_BITS{sign}}, x_data[i*BITS +: BITS]});
        assign sum[i*OUT_BITS +: OUT_BITS] = (first ? '0 : earlier[i*OUT_BITS +: OUT_BITS]) + x;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            fold     <= '0;
            position <= '0;
            first    <= 1'b1;
            m_valid  <= 1'b0;
        end else begin
            if (take) begin
                fold <= last_fold ? '0 : fold + 1'b1;
                if (last_fold) begin
                    position <= last_position ? '0 : position + 1'b1;
                    first    <= last_position;
                end
            end
            m_valid <= (take && last_position) || (m_valid && !m_ready);
        end
    end

    always_ff @(posedge clk) if (take && last_position) m_data <= {last_fold, sum};

    if (FOLDS <= 4) begin : registers
        logic [SUM_BITS-1:0] line[FOLDS];
        assign earlier       = line[0];
        assign earlier_valid = 1'b1;
        assign line_ready    = 1'b1;
        for (genvar i = 0; i < int'(FOLDS); i++) begin : place
            always_ff @(posedge clk) if (take) line[i] <= (i + 1 == int'(FOLDS)) ? sum : line[(i + 1) % FOLDS];
        end
    end else begin : fifo
        stream_fifo #(.WORD_BITS(SUM_BITS), .DEPTH(DEPTH), .FORM(FORM)) line (
            .clk(clk), .rst_n(rst_n),
            .s_data(sum), .s_valid(take && !last_position), .s_ready(line_ready),
            .m_data(earlier), .m_valid(earlier_valid), .m_ready(take && !first)
        );
    end

    wire unused = &{x_last, 1'b0};  // frames are whole: the counters know their end
endmodule

`default_nettype wire
