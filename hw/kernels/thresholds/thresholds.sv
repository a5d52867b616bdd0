// Counts the thresholds that each lane reaches by binary search: a pipeline of LEVEL_BITS decisions, a word a cycle.
//
// A stage's memory holds, for every group of channels and every outcome of the decisions before it, the threshold that
// it compares with. The pipeline runs freely; a word enters once it has a place in the queue behind it.
`default_nettype none

module thresholds #(
    parameter int unsigned IN_BITS          = 16,
    parameter int unsigned IN_SIGNED        = 1,
    parameter int unsigned PE               = 1,
    parameter int unsigned GROUPS           = 16,  // words a position: 1 where all channels share their thresholds
    parameter int unsigned SETS             = 1,   // of thresholds, each for so many turns of GROUPS words
    parameter int unsigned BLOCK            = 1,
    parameter int unsigned LEVEL_BITS       = 4,   // decisions, at most 12
    parameter int unsigned OUT_BITS         = 4,
    parameter int unsigned LOW              = 0,   // added to the count, modulo 2**OUT_BITS
    parameter int unsigned LOW_DESCENDING   = 0,   // added to the inverted count of a descending channel, likewise
    parameter int unsigned DESCENDING       = 0,   // channels: 0 none, 1 all, 2 those with the bit above the threshold
    parameter int unsigned THRESHOLD_BITS   = 16,  // at least IN_BITS
    parameter int unsigned THRESHOLD_SIGNED = 1,
    parameter int unsigned PLACES           = 16,  // of the queue: at least 3 LEVEL_BITS + 3 for the full rate
    parameter              FILE0            = "",
    parameter              FILE1            = "",
    parameter              FILE2            = "",
    parameter              FILE3            = "",
    parameter              FILE4            = "",
    parameter              FILE5            = "",
    parameter              FILE6            = "",
    parameter              FILE7            = "",
    parameter              FILE8            = "",
    parameter              FILE9            = "",
    parameter              FILE10           = "",
    parameter              FILE11           = ""
) (
    input  wire                   clk,
    input  wire                   rst_n,

    input  wire  [PE*IN_BITS:0]   s_data,
    input  wire                   s_valid,
    output wire                   s_ready,

    output wire  [PE*OUT_BITS:0]  m_data,
    output wire                   m_valid,
    input  wire                   m_ready
);
    localparam int unsigned ALL    = GROUPS * SETS;
    localparam int unsigned G      = ALL > 1 ? $clog2(ALL) : 1;
    localparam int unsigned CYCLES = 3 * LEVEL_BITS;

    wire take = s_valid && s_ready;
    wire  [G-1:0]      group;
    wire               turn_end, set_end;
    wire               unused_ends = &{1'b0, turn_end, set_end};
    set_counter #(.WORDS(GROUPS), .SETS(SETS), .BLOCK(BLOCK)) counter (
        .clk(clk), .rst_n(rst_n), .step(take), .address(group), .turn_end(turn_end), .set_end(set_end));
    logic [CYCLES-1:0] valid, last;
    always_ff @(posedge clk) begin
        valid <= rst_n ? CYCLES'({valid, take}) : '0;
        last <= CYCLES'({last, s_data[PE*IN_BITS]});
    end

    // Between stages: of each lane the count so far and x.
    wire [G-1:0]             groups [LEVEL_BITS+1];
    wire [PE*LEVEL_BITS-1:0] counts [LEVEL_BITS+1];
    wire [PE*IN_BITS-1:0]    xs     [LEVEL_BITS+1];
    wire [PE-1:0]            direction;
    assign groups[0] = group;
    assign counts[0] = '0;
    assign xs[0]     = s_data[PE*IN_BITS-1:0];
    wire unused = &{1'b0, groups[LEVEL_BITS], xs[LEVEL_BITS]};

    if (LEVEL_BITS > 0) begin : stage_0
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(0), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 1 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE0)
        ) stage (
            .clk(clk), .group_in(groups[0]), .count_in(counts[0]), .x_in(xs[0]),
            .group(groups[1]), .count(counts[1]), .x(xs[1]), .direction(descends)
        );
        if (LEVEL_BITS == 1) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 1) begin : stage_1
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(1), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 2 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE1)
        ) stage (
            .clk(clk), .group_in(groups[1]), .count_in(counts[1]), .x_in(xs[1]),
            .group(groups[2]), .count(counts[2]), .x(xs[2]), .direction(descends)
        );
        if (LEVEL_BITS == 2) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 2) begin : stage_2
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(2), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 3 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE2)
        ) stage (
            .clk(clk), .group_in(groups[2]), .count_in(counts[2]), .x_in(xs[2]),
            .group(groups[3]), .count(counts[3]), .x(xs[3]), .direction(descends)
        );
        if (LEVEL_BITS == 3) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 3) begin : stage_3
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(3), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 4 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE3)
        ) stage (
            .clk(clk), .group_in(groups[3]), .count_in(counts[3]), .x_in(xs[3]),
            .group(groups[4]), .count(counts[4]), .x(xs[4]), .direction(descends)
        );
        if (LEVEL_BITS == 4) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 4) begin : stage_4
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(4), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 5 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE4)
        ) stage (
            .clk(clk), .group_in(groups[4]), .count_in(counts[4]), .x_in(xs[4]),
            .group(groups[5]), .count(counts[5]), .x(xs[5]), .direction(descends)
        );
        if (LEVEL_BITS == 5) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 5) begin : stage_5
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(5), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 6 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE5)
        ) stage (
            .clk(clk), .group_in(groups[5]), .count_in(counts[5]), .x_in(xs[5]),
            .group(groups[6]), .count(counts[6]), .x(xs[6]), .direction(descends)
        );
        if (LEVEL_BITS == 6) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 6) begin : stage_6
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(6), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 7 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE6)
        ) stage (
            .clk(clk), .group_in(groups[6]), .count_in(counts[6]), .x_in(xs[6]),
            .group(groups[7]), .count(counts[7]), .x(xs[7]), .direction(descends)
        );
        if (LEVEL_BITS == 7) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 7) begin : stage_7
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(7), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 8 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE7)
        ) stage (
            .clk(clk), .group_in(groups[7]), .count_in(counts[7]), .x_in(xs[7]),
            .group(groups[8]), .count(counts[8]), .x(xs[8]), .direction(descends)
        );
        if (LEVEL_BITS == 8) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 8) begin : stage_8
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(8), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 9 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE8)
        ) stage (
            .clk(clk), .group_in(groups[8]), .count_in(counts[8]), .x_in(xs[8]),
            .group(groups[9]), .count(counts[9]), .x(xs[9]), .direction(descends)
        );
        if (LEVEL_BITS == 9) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 9) begin : stage_9
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(9), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 10 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE9)
        ) stage (
            .clk(clk), .group_in(groups[9]), .count_in(counts[9]), .x_in(xs[9]),
            .group(groups[10]), .count(counts[10]), .x(xs[10]), .direction(descends)
        );
        if (LEVEL_BITS == 10) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 10) begin : stage_10
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(10), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 11 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE10)
        ) stage (
            .clk(clk), .group_in(groups[10]), .count_in(counts[10]), .x_in(xs[10]),
            .group(groups[11]), .count(counts[11]), .x(xs[11]), .direction(descends)
        );
        if (LEVEL_BITS == 11) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end
    if (LEVEL_BITS > 11) begin : stage_11
        wire [PE-1:0] descends;
        threshold_stage #(
            .INDEX(11), .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .PE(PE), .GROUPS(ALL), .LEVEL_BITS(LEVEL_BITS),
            .WITH_DIRECTION(DESCENDING == 2 && LEVEL_BITS == 12 ? 1 : 0),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED), .FILE(FILE11)
        ) stage (
            .clk(clk), .group_in(groups[11]), .count_in(counts[11]), .x_in(xs[11]),
            .group(groups[12]), .count(counts[12]), .x(xs[12]), .direction(descends)
        );
        if (LEVEL_BITS == 12) begin : final_stage
            assign direction = descends;
        end else begin : inner
            wire unused_descends = &{1'b0, descends};
        end
    end

    wire [PE*OUT_BITS-1:0] values;
    for (genvar i = 0; i < int'(PE); i++) begin : lanes
        wire descends = DESCENDING == 2 ? direction[i] : DESCENDING == 1;
        wire [LEVEL_BITS-1:0] count = counts[LEVEL_BITS][i*LEVEL_BITS +: LEVEL_BITS];
        wire [LEVEL_BITS-1:0] code = count ^ {LEVEL_BITS{descends}};  // inverted at its own width, then extended
        assign values[i*OUT_BITS +: OUT_BITS] = OUT_BITS'(code)
                                              + (descends ? OUT_BITS'(LOW_DESCENDING) : OUT_BITS'(LOW));
    end
    if (DESCENDING != 2) begin : no_direction
        wire unused_direction = &{1'b0, direction};
    end

    result_queue #(.WORD_BITS(PE * OUT_BITS + 1), .PLACES(PLACES)) queue (
        .clk(clk), .rst_n(rst_n), .promise(take), .place(s_ready),
        .push(valid[CYCLES-1]), .word({last[CYCLES-1], values}),
        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready)
    );
endmodule

`default_nettype wire
