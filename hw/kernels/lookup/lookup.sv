// Replaces every lane's integer by an entry of its channel's table: one memory a lane, a word a cycle.
//
// An entry lies where the integer's lowest INDEX_BITS say, so nothing is subtracted. The pipeline, the memory's two
// cycles, runs freely; a word enters once it has a place in the queue behind it. One place does where a word comes every
// four cycles at most. What limits it is the memory: its size doubles with every bit of the input.
`default_nettype none

module lookup #(
    parameter int unsigned IN_BITS    = 8,
    parameter int unsigned PE         = 1,
    parameter int unsigned GROUPS     = 1,  // words a position: 1 where all channels share one table
    parameter int unsigned SETS       = 1,  // of tables, each for so many turns of GROUPS words
    parameter int unsigned BLOCK      = 1,
    parameter int unsigned INDEX_BITS = 8,  // at most IN_BITS
    parameter int unsigned OUT_BITS   = 8,
    parameter int unsigned SHARED     = 1,  // the memory has one lane's entries, which serve all
    parameter int unsigned PLACES     = 8,  // of the queue: 1 or at least 5
    parameter              FORM       = "block",
    parameter              FILE       = ""  // by group, then by index
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
    localparam int unsigned ALL          = GROUPS * SETS;
    localparam int unsigned GROUP_BITS   = ALL > 1 ? $clog2(ALL) : 0;
    localparam int unsigned ADDRESS_BITS = GROUP_BITS + INDEX_BITS;
    localparam int unsigned MEMORY_LANES = SHARED != 0 ? 1 : PE;

    wire take = s_valid && s_ready;
    logic [1:0] valid, last;
    always_ff @(posedge clk) begin
        valid <= rst_n ? {valid[0], take} : '0;
        last  <= {last[0], s_data[PE*IN_BITS]};
    end

    wire [PE*ADDRESS_BITS-1:0] addresses;
    if (ALL > 1) begin : channels
        wire [GROUP_BITS-1:0] group;
        wire                  turn_end, set_end;
        wire                  unused = &{1'b0, turn_end, set_end};
        set_counter #(.WORDS(GROUPS), .SETS(SETS), .BLOCK(BLOCK)) counter (
            .clk(clk), .rst_n(rst_n), .step(take), .address(group), .turn_end(turn_end), .set_end(set_end));
        for (genvar i = 0; i < int'(PE); i++) begin : of_lane
            assign addresses[i*ADDRESS_BITS +: ADDRESS_BITS] = {group, s_data[i*IN_BITS +: INDEX_BITS]};
        end
    end else begin : one_group
        for (genvar i = 0; i < int'(PE); i++) begin : of_lane
            assign addresses[i*ADDRESS_BITS +: ADDRESS_BITS] = s_data[i*IN_BITS +: INDEX_BITS];
        end
    end

    wire [PE*OUT_BITS-1:0] values;
    for (genvar i = 0; i < int'(PE); i++) begin : lanes
        wire [MEMORY_LANES*OUT_BITS-1:0] words;  // of all lanes: each memory keeps only what is used of it
        rom #(
            .WORD_BITS(MEMORY_LANES * OUT_BITS), .DEPTH(ALL << INDEX_BITS), .ADDRESS_BITS(ADDRESS_BITS),
            .FORM(FORM), .FILE(FILE)
        ) memory (.clk(clk), .address(addresses[i*ADDRESS_BITS +: ADDRESS_BITS]), .data(words));
        assign values[i*OUT_BITS +: OUT_BITS] = words[(SHARED != 0 ? 0 : i)*OUT_BITS +: OUT_BITS];
        if (MEMORY_LANES > 1) begin : other_lanes
            wire unused = &{1'b0, words};
        end
    end
    wire unused = &{1'b0, s_data};  // the bits above the index

    result_queue #(.WORD_BITS(PE * OUT_BITS + 1), .PLACES(PLACES)) queue (
        .clk(clk), .rst_n(rst_n), .promise(take), .place(s_ready),
        .push(valid[1]), .word({last[1], values}),
        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready)
    );
endmodule

`default_nettype wire
