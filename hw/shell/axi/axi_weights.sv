// The weights' way in: beats of 64 bits to packets, each with `last` at its end, for the weight-load port.
//
// After a reset comes a packet of START_WORDS words, where there is one, then packets of PACKET_WORDS words for ever. A
// transfer is one packet or several, as for frames; TLAST inside a packet ends it there, and is an error, as is any word
// where no packet is to come. Registered at the input, and nothing combined with a handshake but that.
`default_nettype none

module axi_weights #(
    parameter int unsigned START_WORDS  = 0,
    parameter int unsigned PACKET_WORDS = 0
) (
    input  wire        clk,
    input  wire        rst_n,

    input  wire [63:0] tdata,
    input  wire        tlast,
    input  wire        tvalid,
    output wire        tready,

    output wire [64:0] w_data,
    output wire        w_valid,
    input  wire        w_ready,

    output wire        packet,    // one has gone in, for a cycle
    output wire        cut        // one was too short, or there is none to come, for a cycle
);
    localparam int unsigned MOST  = START_WORDS > PACKET_WORDS ? START_WORDS : PACKET_WORDS;
    localparam int unsigned BITS  = MOST > 1 ? $clog2(MOST) : 1;
    localparam int unsigned FIRST = START_WORDS != 0 ? START_WORDS - 1 : PACKET_WORDS - 1;
    localparam int unsigned NEXT  = PACKET_WORDS != 0 ? PACKET_WORDS - 1 : 0;

    wire tlast_here;
    axi_stream_register #(.WORD_BITS(65)) into (
        .clk(clk), .rst_n(rst_n),
        .s_data({tlast, tdata}), .s_valid(tvalid), .s_ready(tready),
        .m_data({tlast_here, w_data[63:0]}), .m_valid(w_valid), .m_ready(w_ready)
    );

    logic [BITS-1:0] left;        // words of the packet after this one
    logic            over;        // all packets have come that are to come
    wire last   = tlast_here || left == '0;
    wire moving = w_valid && w_ready;
    assign w_data[64] = last;
    assign packet     = moving && last;
    assign cut        = moving && ((tlast_here && left != '0) || over);

    always_ff @(posedge clk) begin
        if (!rst_n) left <= BITS'(FIRST);
        else if (moving) left <= last ? BITS'(NEXT) : left - 1'b1;
        over <= rst_n && (over || (packet && PACKET_WORDS == 0));
    end
endmodule

`default_nettype wire
