// Puts a constant around a frame of HEIGHT rows of WIDTH words: TOP and BOTTOM rows, LEFT and RIGHT words of each row.
//
// It holds one word to show and one spare, so the input's ready is a register; a word that comes while the constant is
// sent waits in the spare. A frame begins with the first of its words, also where that begins with the constant. Whatever
// feeds it waits meanwhile. A word a cycle on the output; what limits it: from the coordinate through the choice.
`default_nettype none

module pad #(
    parameter int unsigned LANES    = 1,
    parameter int unsigned BITS     = 4,  // of a lane in
    parameter bit          SIGNED   = 0,
    parameter int unsigned OUT_BITS = 4,  // of a lane out, which holds both the input and the constant
    parameter int          VALUE    = 0,
    parameter int unsigned HEIGHT   = 1,  // rows in
    parameter int unsigned WIDTH    = 8,  // words of a row in
    parameter int unsigned TOP      = 0,
    parameter int unsigned BOTTOM   = 0,
    parameter int unsigned LEFT     = 1,
    parameter int unsigned RIGHT    = 1
) (
    input  wire                      clk,
    input  wire                      rst_n,

    input  wire  [LANES*BITS:0]      s_data,
    input  wire                      s_valid,
    output wire                      s_ready,

    output logic [LANES*OUT_BITS:0]  m_data,
    output logic                     m_valid,
    input  wire                      m_ready
);
    localparam int unsigned COLUMNS = LEFT + WIDTH + RIGHT;
    localparam int unsigned ROWS    = TOP + HEIGHT + BOTTOM;
    localparam int unsigned X = COLUMNS > 1 ? $clog2(COLUMNS) : 1;
    localparam int unsigned Y = ROWS > 1 ? $clog2(ROWS) : 1;

    logic [LANES*BITS-1:0] spare;
    logic                  spare_full;
    logic [X-1:0]          x;
    logic [Y-1:0]          y;
    logic                  inside_x, inside_y;  // the next word out is one of the frame's
    logic                  start;               // and is the first
    assign s_ready = !spare_full;
    wire   take    = s_valid && s_ready;
    wire   here    = s_valid || spare_full;
    wire   in_frame = inside_x && inside_y;
    wire   show    = !m_valid || m_ready;
    wire   send    = show && (here || !(in_frame || start));
    wire   use_in  = send && in_frame;

    wire x_last = COLUMNS == 1 || x == X'(COLUMNS - 1);
    wire y_last = ROWS == 1 || y == Y'(ROWS - 1);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            x          <= '0;
            y          <= '0;
            inside_x   <= LEFT == 0;
            inside_y   <= TOP == 0;
            start      <= 1'b1;
            spare_full <= 1'b0;
            m_valid    <= 1'b0;
        end else begin
            if (send) begin
                start <= x_last && y_last;
                x     <= x_last ? '0 : x + 1'b1;
                if (x_last)                                           inside_x <= LEFT == 0;
                else if (LEFT > 0 && 32'(x) + 1 == LEFT)              inside_x <= 1'b1;
                else if (RIGHT > 0 && 32'(x) + 1 == LEFT + WIDTH)     inside_x <= 1'b0;
                if (x_last) begin
                    y <= y_last ? '0 : y + 1'b1;
                    if (y_last)                                         inside_y <= TOP == 0;
                    else if (TOP > 0 && 32'(y) + 1 == TOP)              inside_y <= 1'b1;
                    else if (BOTTOM > 0 && 32'(y) + 1 == TOP + HEIGHT)  inside_y <= 1'b0;
                end
            end
            spare_full <= here && !use_in;
            if (show) m_valid <= send;
        end
    end

    wire [LANES*BITS-1:0]     word = spare_full ? spare : s_data[LANES*BITS-1:0];
    wire [LANES*OUT_BITS-1:0] shown;
    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        wire sign = SIGNED && word[(i+1)*BITS-1];
        assign shown[i*OUT_BITS +: OUT_BITS] = in_frame ? OUT_BITS'({{OUT_BITS{sign}}, word[i*BITS +: BITS]})
                                                      : OUT_BITS'(VALUE);
    end

    always_ff @(posedge clk) begin
        if (take) spare <= s_data[LANES*BITS-1:0];
        if (show) m_data <= {x_last && y_last, shown};
    end

    wire unused = &{1'b0, s_data[LANES*BITS]};  // frames are whole: the counters know their end
endmodule

`default_nettype wire
