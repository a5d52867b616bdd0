// Counts the thresholds that each lane reaches by binary search, with one memory and one comparator for all.
//
// A channel's thresholds lie in the memory as a heap: node 1 is the median, 2 k and 2 k + 1 are the halves below and
// above node k. A decision takes three cycles, two of them the memory's, so a word takes 3 LEVEL_BITS PE cycles.
`default_nettype none

module serial_thresholds #(
    parameter int unsigned IN_BITS          = 16,
    parameter int unsigned IN_SIGNED        = 1,
    parameter int unsigned PE               = 1,
    parameter int unsigned CHANNELS         = 16,  // with thresholds of their own: 1 where all share them
    parameter int unsigned SETS             = 1,   // of all channels' thresholds, each for so many turns of CHANNELS
    parameter int unsigned BLOCK            = 1,
    parameter int unsigned LEVEL_BITS       = 4,   // decisions
    parameter int unsigned OUT_BITS         = 4,
    parameter int unsigned LOW              = 0,   // added to the count, modulo 2**OUT_BITS
    parameter int unsigned LOW_DESCENDING   = 0,   // added to the inverted count of a descending channel, likewise
    parameter int unsigned DESCENDING       = 0,   // channels: 0 none, 1 all, 2 those with the bit above the threshold
    parameter int unsigned THRESHOLD_BITS   = 16,  // at least IN_BITS
    parameter int unsigned THRESHOLD_SIGNED = 1,
    parameter              FORM             = "block",
    parameter              FILE             = ""
) (
    input  wire                   clk,
    input  wire                   rst_n,

    input  wire  [PE*IN_BITS:0]   s_data,
    input  wire                   s_valid,
    output wire                   s_ready,

    output wire  [PE*OUT_BITS:0]  m_data,
    output logic                  m_valid,
    input  wire                   m_ready
);
    localparam int unsigned WORD_BITS    = THRESHOLD_BITS + (DESCENDING == 2 ? 1 : 0);
    localparam int unsigned ALL          = CHANNELS * SETS;
    localparam int unsigned ADDRESS_BITS = $clog2(ALL) + LEVEL_BITS;

    logic                  busy;
    logic [2:0]            due;  // one-hot: the memory's two cycles, then the decision
    logic [LEVEL_BITS-1:0] node;
    logic [PE*IN_BITS-1:0] x;    // the lane to decide on is the lowest
    logic                  last;
    wire                   lane_last;
    wire  [ADDRESS_BITS-1:0] address;
    wire  [WORD_BITS-1:0]  word;

    assign s_ready   = !busy;
    wire  take       = s_valid && s_ready;
    wire  level_last = node[LEVEL_BITS-1];
    wire  wait_here  = level_last && m_valid && !m_ready;
    wire  decide     = due[2] && !wait_here;
    wire  lane_done  = decide && level_last;
    wire  word_done  = lane_done && lane_last;

    rom #(.WORD_BITS(WORD_BITS), .DEPTH(ALL << LEVEL_BITS), .ADDRESS_BITS(ADDRESS_BITS), .FORM(FORM), .FILE(FILE))
        heap (.clk(clk), .address(address), .data(word));

    wire reached;
    threshold_compare #(
        .IN_BITS(IN_BITS), .IN_SIGNED(IN_SIGNED), .THRESHOLD_BITS(THRESHOLD_BITS), .THRESHOLD_SIGNED(THRESHOLD_SIGNED)
    ) compare (.x(x[IN_BITS-1:0]), .threshold(word[THRESHOLD_BITS-1:0]), .reached(reached));

    wire descending = DESCENDING == 2 ? word[WORD_BITS-1] : DESCENDING == 1;
    wire [LEVEL_BITS-1:0] count   = LEVEL_BITS'({node, reached});  // without the one that leads the node
    wire [LEVEL_BITS-1:0] code    = count ^ {LEVEL_BITS{descending}};  // inverted at its own width, then extended
    wire [OUT_BITS-1:0]   value   = OUT_BITS'(code)
                                  + (descending ? OUT_BITS'(LOW_DESCENDING) : OUT_BITS'(LOW));

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            busy    <= 1'b0;
            due     <= '0;
            node    <= LEVEL_BITS'(1);
            m_valid <= 1'b0;
        end else begin
            if (take || word_done) busy <= take;
            if (take)        due <= 3'b010;  // the memory has shown the first node for long
            else if (decide) due <= {2'b00, !word_done};
            else if (!due[2]) due <= due << 1;
            if (decide) node <= level_last ? LEVEL_BITS'(1) : count;
            if (word_done || m_ready) m_valid <= word_done;
        end
    end

    logic last_out;
    always_ff @(posedge clk) begin
        if (take) last <= s_data[PE*IN_BITS];
        if (word_done) last_out <= last;
    end

    if (ALL > 1) begin : channels
        wire [$clog2(ALL)-1:0] channel;
        wire                   turn_end, set_end;
        wire                   unused = &{1'b0, turn_end, set_end};
        assign address = {channel, node};
        set_counter #(.WORDS(CHANNELS), .SETS(SETS), .BLOCK(BLOCK)) counter (
            .clk(clk), .rst_n(rst_n), .step(lane_done), .address(channel), .turn_end(turn_end), .set_end(set_end));
    end else begin : one_channel
        assign address = node;
    end

    if (PE > 1) begin : lanes
        logic [$clog2(PE)-1:0]    lane;
        logic [PE*OUT_BITS-1:0] values;
        assign lane_last = lane == $clog2(PE)'(PE - 1);
        assign m_data    = {last_out, values};
        always_ff @(posedge clk) begin
            if (!rst_n)         lane <= '0;
            else if (lane_done) lane <= lane_last ? '0 : lane + 1'b1;
            if (take || lane_done) x <= take ? s_data[PE*IN_BITS-1:0] : x >> IN_BITS;
            if (lane_done) values <= {value, values[PE*OUT_BITS-1:OUT_BITS]};
        end
    end else begin : one_lane
        logic [OUT_BITS-1:0] shown;
        assign lane_last = 1'b1;
        assign m_data    = {last_out, shown};
        always_ff @(posedge clk) begin
            if (take) x <= s_data[IN_BITS-1:0];
            if (lane_done) shown <= value;
        end
    end
endmodule

`default_nettype wire
