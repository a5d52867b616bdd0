// Takes A words of one stream, then B words of another, and so on.
//
// It holds one word to show and one spare; an input is ready while it is its turn and the spare is empty, which are
// registers. A word a cycle. The stream whose turn it is not waits in front of it.
`default_nettype none

module stream_concat #(
    parameter int unsigned LANES    = 1,
    parameter int unsigned A        = 1,  // words of a turn of the first stream
    parameter int unsigned B        = 1,  // and of the second
    parameter int unsigned X_BITS   = 8,
    parameter int unsigned Y_BITS   = 8,
    parameter bit          X_SIGNED = 0,
    parameter bit          Y_SIGNED = 0,
    parameter int unsigned BITS     = 8   // of a lane out, which holds both
) (
    input  wire                   clk,
    input  wire                   rst_n,

    input  wire  [LANES*X_BITS:0] s0_data,
    input  wire                   s0_valid,
    output wire                   s0_ready,

    input  wire  [LANES*Y_BITS:0] s1_data,
    input  wire                   s1_valid,
    output wire                   s1_ready,

    output logic [LANES*BITS:0]   m_data,
    output logic                  m_valid,
    input  wire                   m_ready
);
    localparam int unsigned MOST = A > B ? A : B;

    logic [LANES*BITS:0] spare;
    logic                spare_full, second;  // the second stream's turn
    wire  take     = !spare_full && (second ? s1_valid : s0_valid);
    wire  stalled  = m_valid && !m_ready;
    assign s0_ready = !spare_full && !second;
    assign s1_ready = !spare_full && second;

    wire turn_over;
    if (MOST > 1) begin : turns
        localparam int C = $clog2(MOST);
        logic [C-1:0] count;
        assign turn_over = count == (second ? C'(B - 1) : C'(A - 1));
        always_ff @(posedge clk) begin
            if (!rst_n)    count <= '0;
            else if (take) count <= turn_over ? '0 : count + 1'b1;
        end
    end else begin : single
        assign turn_over = 1'b1;
    end

    wire [LANES*BITS:0] word;
    assign word[LANES*BITS] = second && s1_data[LANES*Y_BITS];  // a frame ends with the second stream's
    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        wire x_sign = X_SIGNED && s0_data[(i+1)*X_BITS-1];
        wire y_sign = Y_SIGNED && s1_data[(i+1)*Y_BITS-1];
        wire [BITS-1:0] x = BITS'({{BITS{x_sign}}, s0_data[i*X_BITS +: X_BITS]});
        wire [BITS-1:0] y = BITS'({{BITS{y_sign}}, s1_data[i*Y_BITS +: Y_BITS]});
        assign word[i*BITS +: BITS] = second ? y : x;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            second     <= 1'b0;
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
        end else begin
            if (take) second <= second ^ turn_over;
            spare_full <= stalled && (spare_full || take);
            m_valid    <= stalled || spare_full || take;
        end
        if (!stalled) m_data <= spare_full ? spare : word;
        if (take)     spare  <= word;
    end

    wire unused = &{1'b0, s0_data[LANES*X_BITS]};
endmodule

`default_nettype wire
