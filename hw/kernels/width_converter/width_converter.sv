// Changes the lanes of a stream's words; the lanes stay in order.
//
// UP words in become one wide word, or one wide word becomes DOWN words out; with both above 1 the wide word is one that
// both forms divide. It takes or gives a word a cycle, whichever side has more of them.
`default_nettype none

module width_converter #(
    parameter int unsigned DATA_BITS = 8,  // of a word in
    parameter int unsigned UP        = 1,  // words in per wide word
    parameter int unsigned DOWN      = 1   // words out per wide word
) (
    input  wire                         clk,
    input  wire                         rst_n,

    input  wire  [DATA_BITS:0]          s_data,
    input  wire                         s_valid,
    output wire                         s_ready,

    output wire  [DATA_BITS*UP/DOWN:0]  m_data,
    output wire                         m_valid,
    input  wire                         m_ready
);
    localparam int unsigned WIDE_BITS = DATA_BITS * UP;

    if (UP == 1 && DOWN == 1) begin : equal
        register_slice #(.WORD_BITS(DATA_BITS + 1)) slice (.*);
    end else begin : converter
        wire [WIDE_BITS:0] wide_data;
        wire               wide_valid, wide_ready;

        if (UP > 1) begin : up
            width_up #(.DATA_BITS(DATA_BITS), .RATIO(UP)) converter (
                .clk, .rst_n, .s_data, .s_valid, .s_ready,
                .m_data(wide_data), .m_valid(wide_valid), .m_ready(wide_ready)
            );
        end else begin : same
            assign wide_data  = s_data;
            assign wide_valid = s_valid;
            assign s_ready    = wide_ready;
        end

        if (DOWN > 1) begin : down
            width_down #(.DATA_BITS(WIDE_BITS / DOWN), .RATIO(DOWN)) converter (
                .clk, .rst_n, .s_data(wide_data), .s_valid(wide_valid), .s_ready(wide_ready),
                .m_data, .m_valid, .m_ready
            );
        end else begin : through
            assign m_data     = wide_data;
            assign m_valid    = wide_valid;
            assign wide_ready = m_ready;
        end
    end
endmodule

`default_nettype wire
