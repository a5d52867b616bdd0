// One decision of a binary search in all lanes, three cycles after the word came: two of the memory, one to compare.
`default_nettype none

module threshold_stage #(
    parameter int unsigned INDEX            = 0,   // decisions taken before this one
    parameter int unsigned IN_BITS          = 16,
    parameter int unsigned IN_SIGNED        = 1,
    parameter int unsigned PE               = 1,
    parameter int unsigned GROUPS           = 16,
    parameter int unsigned LEVEL_BITS       = 4,
    parameter int unsigned WITH_DIRECTION   = 0,   // words have each lane's direction above its threshold
    parameter int unsigned THRESHOLD_BITS   = 16,
    parameter int unsigned THRESHOLD_SIGNED = 1,
    parameter int unsigned LUT_WORDS        = 32,  // deepest memory made of logic
    parameter              FILE             = "",
    parameter int unsigned GROUP_BITS       = GROUPS > 1 ? $clog2(GROUPS) : 1
) (
    input  wire                      clk,
    input  wire  [GROUP_BITS-1:0]    group_in,
    input  wire  [PE*LEVEL_BITS-1:0] count_in,   // of each lane: the decisions so far, the first one in the highest bit
    input  wire  [PE*IN_BITS-1:0]    x_in,
    output logic [GROUP_BITS-1:0]    group,
    output logic [PE*LEVEL_BITS-1:0] count,
    output logic [PE*IN_BITS-1:0]    x,
    output logic [PE-1:0]            direction
);
    localparam int unsigned LANE_BITS    = THRESHOLD_BITS + (WITH_DIRECTION != 0 ? 1 : 0);
    localparam int unsigned DEPTH        = GROUPS << INDEX;
    localparam int unsigned ADDRESS_BITS = DEPTH > 1 ? $clog2(DEPTH) : 1;

    logic [GROUP_BITS-1:0]    group_1, group_2;
    logic [PE*LEVEL_BITS-1:0] count_1, count_2;
    logic [PE*IN_BITS-1:0]    x_1, x_2;
    always_ff @(posedge clk) begin
        {group_1, count_1, x_1} <= {group_in, count_in, x_in};
        {group_2, count_2, x_2} <= {group_1, count_1, x_1};
        {group, x}              <= {group_2, x_2};
    end

    for (genvar i = 0; i < int'(PE); i++) begin : lanes
        wire [ADDRESS_BITS-1:0]  address;
        wire [PE*LANE_BITS-1:0]  words;  // of all lanes: each memory keeps only what is used of it
        wire [LANE_BITS-1:0]     word = words[i*LANE_BITS +: LANE_BITS];
        wire [LEVEL_BITS-1:0]    decided = count_in[i*LEVEL_BITS +: LEVEL_BITS];
        if (INDEX == 0) begin : root
            assign address = GROUPS > 1 ? ADDRESS_BITS'(group_in) : '0;
            wire unused = &{1'b0, decided};
        end else if (GROUPS > 1) begin : channels
            assign address = {group_in, decided[LEVEL_BITS-1 -: INDEX]};
            if (INDEX < LEVEL_BITS) begin : rest
                wire unused = &{1'b0, decided[LEVEL_BITS-1-INDEX:0]};
            end
        end else begin : one_set
            assign address = decided[LEVEL_BITS-1 -: INDEX];
            if (INDEX < LEVEL_BITS) begin : rest
                wire unused = &{1'b0, decided[LEVEL_BITS-1-INDEX:0]};
            end
        end
        rom #(
            .WORD_BITS(PE * LANE_BITS), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS),
            .FORM(DEPTH > LUT_WORDS ? "block" : "logic"), .FILE(FILE)
        ) memory (.clk(clk), .address(address), .data(words));
        if (PE > 1) begin : other_lanes
            wire unused = &{1'b0, words};
        end

        wire reached;
        threshold_compare #(
            .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED),
            .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED)
        ) compare (.x(x_2[i*IN_BITS +: IN_BITS]), .threshold(word[THRESHOLD_BITS-1:0]), .reached(reached));
        always_ff @(posedge clk) begin
            count[i*LEVEL_BITS +: LEVEL_BITS] <= count_2[i*LEVEL_BITS +: LEVEL_BITS]
                                               | (LEVEL_BITS'(reached) << (LEVEL_BITS - 1 - INDEX));
            direction[i] <= WITH_DIRECTION != 0 && word[LANE_BITS-1];
        end
    end
endmodule

`default_nettype wire
