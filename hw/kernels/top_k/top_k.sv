// The K largest channels of every position in falling order, of equal ones the lower channel first.
//
// A word is a channel. It is compared with the K largest so far, all at once, and put where it belongs; those below it
// move down. A position's list then goes to a second set of registers, from which K words go out while the next position
// comes in: a word a cycle, and no gap between frames. What limits it is K: two registers and a comparator for each.
`default_nettype none

module top_k #(
    parameter int unsigned CHANNELS   = 10,
    parameter int unsigned POSITIONS  = 1,
    parameter int unsigned K          = 1,  // at most CHANNELS
    parameter int unsigned BITS       = 8,
    parameter bit          SIGNED     = 0,
    parameter bit          INDICES    = 1,  // channels' numbers go out, not their values
    parameter int unsigned INDEX_BITS = 4,  // hold CHANNELS - 1
    parameter int unsigned OUT_BITS   = INDICES ? INDEX_BITS : BITS
) (
    input  wire                 clk,
    input  wire                 rst_n,

    input  wire  [BITS:0]       s_data,
    input  wire                 s_valid,
    output wire                 s_ready,

    output wire  [OUT_BITS:0]   m_data,
    output wire                 m_valid,
    input  wire                 m_ready
);
    wire [BITS-1:0]        x;
    wire                   x_last, x_valid, take;
    logic [INDEX_BITS-1:0] channel;
    logic                  whole;  // the list is a position's, and moves on before the next word comes
    wire                   room;   // for it to move on

    register_slice #(.WORD_BITS(BITS + 1)) slice (
        .clk(clk), .rst_n(rst_n), .s_data(s_data), .s_valid(s_valid), .s_ready(s_ready),
        .m_data({x_last, x}), .m_valid(x_valid), .m_ready(take)
    );

    wire final_channel = channel == INDEX_BITS'(CHANNELS - 1);
    wire load          = whole && room;
    assign take        = x_valid && (!whole || room);

    // An order of signed integers is that of unsigned ones with the highest bit inverted.
    localparam logic [BITS-1:0] SIGN = BITS'(SIGNED) << (BITS - 1);
    wire  [BITS-1:0]   ordered = x ^ SIGN;
    logic [K*BITS-1:0] values;  // the list, the largest in the lowest bits
    logic [K-1:0]      held;    // entries that are this position's
    wire  [K-1:0]      beaten;  // by the new word: once one is, all behind it are
    wire  [(K+1)*BITS-1:0] values_above = {values, ordered};
    wire  [K:0]            beaten_above = {beaten, 1'b0};
    for (genvar i = 0; i < int'(K); i++) begin : entries
        assign beaten[i] = !held[i] || values[i*BITS +: BITS] < ordered;  // yosys makes more of a ">"
        always_ff @(posedge clk) begin
            if (take && beaten[i]) values[i*BITS +: BITS] <= beaten_above[i] ? values_above[i*BITS +: BITS] : ordered;
        end
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            channel <= '0;
            held    <= '0;
            whole   <= 1'b0;
        end else begin
            if (take) begin
                channel <= final_channel ? '0 : channel + 1'b1;
                held    <= final_channel ? '0 : K'({held, 1'b1});
            end
            if (take || load) whole <= take && final_channel;
        end
    end

    wire [K*OUT_BITS-1:0] ranked;  // what goes out of each entry
    if (INDICES) begin : of_channels
        logic [K*INDEX_BITS-1:0] numbers;
        wire  [(K+1)*INDEX_BITS-1:0] numbers_above = {numbers, channel};
        for (genvar i = 0; i < int'(K); i++) begin : entries
            always_ff @(posedge clk) begin
                if (take && beaten[i]) begin
                    numbers[i*INDEX_BITS +: INDEX_BITS] <= beaten_above[i] ? numbers_above[i*INDEX_BITS +: INDEX_BITS]
                                                                           : channel;
                end
            end
        end
        assign ranked = numbers;
        wire unused = &{1'b0, numbers_above};
    end else begin : of_values
        assign ranked = values ^ {K{SIGN}};
    end

    // The list that goes out, the next word in the lowest bits.
    localparam int unsigned LEFT_BITS     = $clog2(K + 1);
    localparam int unsigned POSITION_BITS = POSITIONS > 1 ? $clog2(POSITIONS) : 1;
    logic [K*OUT_BITS-1:0]    list;
    logic [LEFT_BITS-1:0]     left;  // words of it
    logic [POSITION_BITS-1:0] position;
    wire move       = m_valid && m_ready;
    wire final_word = left == LEFT_BITS'(1);
    assign m_valid  = left != '0;
    assign room     = !m_valid || (final_word && m_ready);
    assign m_data   = {final_word && position == POSITION_BITS'(POSITIONS - 1), list[OUT_BITS-1:0]};

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            left     <= '0;
            position <= '0;
        end else begin
            if (load || move) left <= load ? LEFT_BITS'(K) : left - 1'b1;
            if (move && final_word) position <= position == POSITION_BITS'(POSITIONS - 1) ? '0 : position + 1'b1;
        end
    end
    always_ff @(posedge clk) if (load || move) list <= load ? ranked : list >> OUT_BITS;

    // Frames are whole: the counters know their end. Nothing is above the first entry, nor below the last.
    wire unused = &{1'b0, x_last, values_above, beaten_above};
endmodule

`default_nettype wire
