// For tests of the weight-load port: adds a constant a channel, one of a word a cycle; the constants are loaded.
//
// LOAD_EACH 0: one set, from the first words after a reset. LOAD_EACH 1: a set for every POSITIONS positions, taken while
// the one before it is in use. All words that are not this kernel's are passed on.
`default_nettype none

module loaded_add #(
    parameter int unsigned CHANNELS     = 1,
    parameter int unsigned POSITIONS    = 1,   // with the same set
    parameter int unsigned IN_BITS      = 8,
    parameter int unsigned OUT_BITS     = 8,
    parameter bit          LOAD_EACH    = 0,
    parameter bit          START_PACKET = 0    // a packet for others comes first
) (
    input  wire               clk,
    input  wire               rst_n,

    input  wire  [IN_BITS:0]  s_data,
    input  wire               s_valid,
    output wire               s_ready,

    output wire  [OUT_BITS:0] m_data,
    output wire               m_valid,
    input  wire               m_ready,

    input  wire  [64:0]       w_data,
    input  wire               w_valid,
    output wire               w_ready,

    output wire  [64:0]       n_data,
    output wire               n_valid,
    input  wire               n_ready
);
    localparam int unsigned WORDS = CHANNELS * POSITIONS;
    localparam int unsigned SETS  = LOAD_EACH ? 2 : 1;

    logic [OUT_BITS-1:0] constants [0:SETS*CHANNELS-1];
    logic [1:0]          full;         // of the two sets, one of them only with LOAD_EACH
    logic                into, from;   // the set that is loaded, and the one in use
    logic [31:0]         place, word, channel;
    logic                mine;         // the next word is this kernel's

    // The load: a word of this kernel's waits until its set is free, any other until the way on is.
    logic  hold, pass_ready;
    wire   last    = w_data[64];
    wire   open    = mine ? !full[into] : pass_ready;
    wire   taking  = w_valid && w_ready && mine;
    wire   passing = w_valid && w_ready && !mine;
    assign w_ready = open && !hold;
    wire   whole   = taking && place == CHANNELS - 1;

    always_ff @(posedge clk) begin
        hold <= 1'b0;
        if (taking) begin
            constants[32'(into) * CHANNELS + place] <= w_data[OUT_BITS-1:0];
            place <= whole ? '0 : place + 1;
        end
        if (whole) begin
            mine <= LOAD_EACH ? last : 1'b0;
            into <= LOAD_EACH ? !into : into;
        end
        if (LOAD_EACH && passing && last) mine <= 1'b1;
        if (!rst_n) begin
            place <= '0;
            into  <= 1'b0;
            mine  <= !START_PACKET;
            hold  <= 1'b1;
        end
    end

    register_slice #(.WORD_BITS(65)) pass (
        .clk(clk), .rst_n(rst_n), .s_data(w_data), .s_valid(passing), .s_ready(pass_ready),
        .m_data(n_data), .m_valid(n_valid), .m_ready(n_ready)
    );

    // The sum.
    wire   add_ready;
    assign s_ready = add_ready && full[from];
    wire   adding  = s_valid && s_ready;
    wire   done    = adding && word == WORDS - 1;
    wire [OUT_BITS-1:0] sum = OUT_BITS'(signed'(s_data[IN_BITS-1:0])) + constants[32'(from) * CHANNELS + channel];

    always_ff @(posedge clk) begin
        if (adding) begin
            channel <= channel == CHANNELS - 1 ? '0 : channel + 1;
            word    <= done ? '0 : word + 1;
        end
        if (done && LOAD_EACH) from <= !from;
        full <= (full | (2'(whole) << into)) & ~(2'(done && LOAD_EACH) << from);
        if (!rst_n) begin
            {channel, word} <= '0;
            from <= 1'b0;
            full <= '0;
        end
    end

    register_slice #(.WORD_BITS(OUT_BITS + 1)) out (
        .clk(clk), .rst_n(rst_n), .s_data({s_data[IN_BITS], sum}), .s_valid(adding), .s_ready(add_ready),
        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready)
    );
endmodule

`default_nettype wire
