// Every packet ends where its words are counted out, or earlier where the transfer ends, which is told; so is a surplus.
//
// A word's lowest bit is here its TLAST, so that it can be seen where the word comes out; the words themselves are carried
// by an axi_stream_register, which is proven.
`default_nettype none

module axi_weights_formal #(
    parameter int unsigned START_WORDS  = 0,
    parameter int unsigned PACKET_WORDS = 0
) (
    input wire        clk,
    input wire        rst_n,
    input wire        tlast,
    input wire        tvalid,
    input wire        w_ready
);
    wire        tready, w_valid, packet, cut;
    wire [64:0] w_data;
    initial assume (!rst_n);

    axi_weights #(.START_WORDS(START_WORDS), .PACKET_WORDS(PACKET_WORDS)) dut (
        .clk, .rst_n, .tdata({63'd0, tlast}), .tlast, .tvalid, .tready, .w_data, .w_valid, .w_ready, .packet, .cut
    );
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(w_ready && !tready));

    // Counted upwards here: words of the packet so far, and packets.
    logic [7:0] words;
    logic [1:0] packets;  // as far as 2
    wire moving = w_valid && w_ready;
    wire first  = packets == 0 && START_WORDS != 0;
    wire due    = first || PACKET_WORDS != 0;  // a packet is to come
    wire [7:0] length = first ? 8'(START_WORDS) : PACKET_WORDS != 0 ? 8'(PACKET_WORDS) : 8'd1;
    always_ff @(posedge clk) begin
        if (!rst_n) {words, packets} <= '0;
        else if (moving) begin
            words <= w_data[64] ? '0 : words + 8'd1;
            if (w_data[64] && packets != 2'd2) packets <= packets + 2'd1;
        end
    end

    always @* if (rst_n) begin
        if (w_valid) ends: assert (w_data[64] == (w_data[0] || words == length - 8'd1));
        told:    assert (packet == (moving && w_data[64]));
        noticed: assert (cut == (moving && (!due || (w_data[0] && words != length - 8'd1))));
    end

    logic        waited = 1'b0;  // a word was shown and not taken
    logic [64:0] shown;
    always @(posedge clk) begin
        waited <= rst_n && w_valid && !w_ready;
        shown  <= w_data;
    end
    always @* if (waited && rst_n) stays: assert (w_valid && w_data == shown);

    always @* if (rst_n) begin
        whole:    cover (packets == 2'd2 && !cut);
        cut_once: cover (cut);
    end
endmodule

`default_nettype wire
