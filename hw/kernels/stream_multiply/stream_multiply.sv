// Multiplies two streams lane by lane.
//
// Each input has a register slice, because a word of one may wait for that of the other; its output register stands in
// front of the multipliers and the stream's behind them. A word a cycle. What limits it is the multiplier: a DSP a lane, or
// logic where both integers are narrow or one of them is a bit.
`default_nettype none

module stream_multiply #(
    parameter int unsigned LANES    = 1,
    parameter int unsigned X_BITS   = 8,
    parameter int unsigned Y_BITS   = 8,
    parameter bit          X_SIGNED = 0,
    parameter bit          Y_SIGNED = 0,
    parameter int unsigned BITS     = 16  // of a lane out, which holds the product
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [LANES*X_BITS:0]   s0_data,
    input  wire                     s0_valid,
    output wire                     s0_ready,

    input  wire  [LANES*Y_BITS:0]   s1_data,
    input  wire                     s1_valid,
    output wire                     s1_ready,

    output logic [LANES*BITS:0]     m_data,
    output logic                    m_valid,
    input  wire                     m_ready
);
    localparam int unsigned FULL = X_BITS + Y_BITS;

    wire [LANES*X_BITS-1:0] x_data;
    wire [LANES*Y_BITS-1:0] y_data;
    wire                    x_valid, y_valid, x_last, y_last;
    wire                    show = !m_valid || m_ready;
    wire                    take = x_valid && y_valid && show;

    register_slice #(.WORD_BITS(LANES * X_BITS + 1)) x_slice (
        .clk(clk), .rst_n(rst_n), .s_data(s0_data), .s_valid(s0_valid), .s_ready(s0_ready),
        .m_data({x_last, x_data}), .m_valid(x_valid), .m_ready(take)
    );
    register_slice #(.WORD_BITS(LANES * Y_BITS + 1)) y_slice (
        .clk(clk), .rst_n(rst_n), .s_data(s1_data), .s_valid(s1_valid), .s_ready(s1_ready),
        .m_data({y_last, y_data}), .m_valid(y_valid), .m_ready(take)
    );

    wire [LANES*BITS-1:0] products;
    for (genvar i = 0; i < int'(LANES); i++) begin : lanes
        wire [X_BITS-1:0] x = x_data[i*X_BITS +: X_BITS];
        wire [Y_BITS-1:0] y = y_data[i*Y_BITS +: Y_BITS];
        if (X_BITS == 1 && !X_SIGNED) begin : x_gates
            wire [BITS-1:0] whole = Y_SIGNED ? BITS'($signed(y)) : BITS'(y);
            assign products[i*BITS +: BITS] = x[0] ? whole : '0;
            wire unused = &{1'b0, y};
        end else if (Y_BITS == 1 && !Y_SIGNED) begin : y_gates
            wire [BITS-1:0] whole = X_SIGNED ? BITS'($signed(x)) : BITS'(x);
            assign products[i*BITS +: BITS] = y[0] ? whole : '0;
            wire unused = &{1'b0, x};
        end else if (X_SIGNED || Y_SIGNED) begin : signed_product
            // An unsigned factor takes a zero for its sign.
            localparam int unsigned X = X_BITS + (X_SIGNED ? 0 : 1);
            localparam int unsigned Y = Y_BITS + (Y_SIGNED ? 0 : 1);
            wire signed [X-1:0]    factor_x = X_SIGNED ? X'($signed(x)) : X'(x);
            wire signed [Y-1:0]    factor_y = Y_SIGNED ? Y'($signed(y)) : Y'(y);
            wire signed [FULL-1:0] product  = FULL'((X + Y)'(factor_x) * (X + Y)'(factor_y));
            assign products[i*BITS +: BITS] = BITS'(product);
            wire unused = &{1'b0, product};  // what is known to be small has fewer bits
        end else begin : unsigned_product
            wire [FULL-1:0] product = FULL'(x) * FULL'(y);
            assign products[i*BITS +: BITS] = BITS'(product);
            wire unused = &{1'b0, product};
        end
    end

    always_ff @(posedge clk) m_valid <= rst_n && ((x_valid && y_valid) || !show);
    always_ff @(posedge clk) if (show) m_data <= {x_last, products};

    wire unused = &{y_last, 1'b0};  // both streams' frames end together
endmodule

`default_nettype wire
