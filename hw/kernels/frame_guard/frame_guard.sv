// Makes every frame exactly WORDS words long, so that nothing behind it need check.
//
// A frame that ends early is filled up with zeros, what a frame has too much is dropped up to its `last`, and frame_error
// is high for a cycle in both cases; the next frame is right again. A word a cycle.
`default_nettype none

module frame_guard #(
    parameter int unsigned WORD_BITS = 9,  // a word's data and its `last`
    parameter int unsigned WORDS     = 4   // words in a frame
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire  [WORD_BITS-1:0] s_data,
    input  wire                  s_valid,
    output wire                  s_ready,

    output wire  [WORD_BITS-1:0] m_data,
    output wire                  m_valid,
    input  wire                  m_ready,

    output logic                 frame_error
);
    localparam int unsigned COUNT_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;
    localparam int unsigned DATA_BITS  = WORD_BITS - 1;

    logic [COUNT_BITS-1:0] count;     // words of this frame that went on
    logic                  filling;   // the frame was cut short: zeros go on, nothing is taken
    logic                  dropping;  // the frame is too long: words are taken, nothing goes on
    wire                   room;

    assign s_ready  = room && !filling;
    wire   take     = s_valid && s_ready;
    wire   s_last   = s_data[DATA_BITS];
    wire   pass     = filling ? room : take && !dropping;
    wire   full     = count == COUNT_BITS'(WORDS - 1);
    wire   cut      = take && !dropping && s_last && !full;
    wire   over     = take && !dropping && !s_last && full;
    wire [DATA_BITS-1:0] data = filling ? '0 : s_data[DATA_BITS-1:0];

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            count       <= '0;
            filling     <= 1'b0;
            dropping    <= 1'b0;
            frame_error <= 1'b0;
        end else begin
            if (pass) count <= full ? '0 : count + 1'b1;
            filling     <= cut || (filling && !(room && full));
            dropping    <= over || (dropping && !(take && s_last));
            frame_error <= cut || over;
        end
    end

    register_slice #(.WORD_BITS(WORD_BITS)) slice (
        .clk(clk), .rst_n(rst_n),
        .s_data({full, data}), .s_valid(pass), .s_ready(room),
        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready)
    );
endmodule

`default_nettype wire
