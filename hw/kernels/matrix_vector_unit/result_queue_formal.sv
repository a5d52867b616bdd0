// No more is promised than there are places, and no less; every result pushed comes out, in order and in time.
//
// The pusher's part of the bargain is assumed: it asks for a place only while there is one, and pushes only what it was
// promised, after any time.
`default_nettype none

module result_queue_formal #(
    parameter int unsigned WORD_BITS = 2,
    parameter int unsigned PLACES    = 1,
    parameter int unsigned LATENCY   = 1
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire                 promise,
    input wire                 push,
    input wire [WORD_BITS-1:0] word,
    input wire                 m_ready
);
    localparam int unsigned BITS = $clog2(PLACES + 1);
    wire                 place, m_valid;
    wire [WORD_BITS-1:0] m_data;
    logic [BITS:0]       owed;    // promised and not pushed yet
    logic [BITS:0]       filled;  // pushed and not taken yet
    wire                 pop = m_valid && m_ready;
    initial assume (!rst_n);

    result_queue #(.WORD_BITS(WORD_BITS), .PLACES(PLACES)) dut (.*);

    always @(posedge clk) begin
        owed   <= rst_n ? owed + (BITS + 1)'(promise) - (BITS + 1)'(push) : '0;
        filled <= rst_n ? filled + (BITS + 1)'(push) - (BITS + 1)'(pop) : '0;
    end
    always @* if (rst_n) begin
        if (promise) asks_for_what_is_there: assume (place);
        if (push)    pushes_what_is_owed:    assume (owed != '0);
        places:       assert (place == (owed + filled < (BITS + 1)'(PLACES)));
        all_promised: cover (owed == (BITS + 1)'(PLACES));
    end

    carries #(.WORD_BITS(WORD_BITS), .MOST(PLACES), .LATENCY(LATENCY)) queue (
        .clk, .rst_n, .s_data(word), .s_valid(push), .s_ready(1'b1), .m_data, .m_valid, .m_ready
    );
endmodule

`default_nettype wire
