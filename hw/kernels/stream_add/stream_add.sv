// Adds two streams lane by lane: A * x + B * y.
//
// Each input has a register slice, because a word of one may wait for that of the other. With STAGED the products have a
// register of their own, which coefficients other than powers of two need for speed. A word a cycle.
`default_nettype none

module stream_add #(
    parameter int unsigned LANES    = 1,
    parameter int unsigned X_BITS   = 8,
    parameter int unsigned Y_BITS   = 8,
    parameter bit          X_SIGNED = 0,
    parameter bit          Y_SIGNED = 0,
    parameter int          A        = 1,
    parameter int          B        = 1,
    parameter int unsigned BITS     = 9,  // of a lane out, which holds the sum
    parameter bit          STAGED   = 0
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
    wire [LANES*X_BITS:0]  x_data;
    wire [LANES*Y_BITS-1:0] y_data;
    wire                   x_valid, y_valid, take, y_last;

    register_slice #(.WORD_BITS(LANES * X_BITS + 1)) x_slice (
        .clk(clk), .rst_n(rst_n), .s_data(s0_data), .s_valid(s0_valid), .s_ready(s0_ready),
        .m_data(x_data), .m_valid(x_valid), .m_ready(take)
    );
    register_slice #(.WORD_BITS(LANES * Y_BITS + 1)) y_slice (
        .clk(clk), .rst_n(rst_n), .s_data(s1_data), .s_valid(s1_valid), .s_ready(s1_ready),
        .m_data({y_last, y_data}), .m_valid(y_valid), .m_ready(take)
    );

    wire [LANES*BITS-1:0] ax, by;     // products, from the slices
    wire [LANES*BITS-1:0] left, right, sum;
    wire                  last, valid;
    wire                  show = !m_valid || m_ready;

    for (genvar i = 0; i < int'(LANES); i++) begin : lane
        constant_multiply #(.IN_BITS(X_BITS), .SIGNED(X_SIGNED), .COEFFICIENT(A), .BITS(BITS)) of_x (
            .x(x_data[i*X_BITS +: X_BITS]), .product(ax[i*BITS +: BITS])
        );
        constant_multiply #(.IN_BITS(Y_BITS), .SIGNED(Y_SIGNED), .COEFFICIENT(B), .BITS(BITS)) of_y (
            .x(y_data[i*Y_BITS +: Y_BITS]), .product(by[i*BITS +: BITS])
        );
        assign sum[i*BITS +: BITS] = left[i*BITS +: BITS] + right[i*BITS +: BITS];
    end

    if (STAGED) begin : staged
        logic [LANES*BITS-1:0] ax_held, by_held;
        logic                  last_held, held;
        assign take  = x_valid && y_valid && (!held || show);
        assign left  = ax_held;
        assign right = by_held;
        assign last  = last_held;
        assign valid = held;
        always_ff @(posedge clk) held <= rst_n && (take || (held && !show));
        always_ff @(posedge clk) if (take) {last_held, ax_held, by_held} <= {x_data[LANES*X_BITS], ax, by};
    end else begin : direct
        assign take  = x_valid && y_valid && show;
        assign left  = ax;
        assign right = by;
        assign last  = x_data[LANES*X_BITS];
        assign valid = x_valid && y_valid;
    end

    always_ff @(posedge clk) m_valid <= rst_n && (valid || !show);
    always_ff @(posedge clk) if (show) m_data <= {last, sum};

    wire unused = &{y_last, 1'b0};  // both streams' frames end together
endmodule

`default_nettype wire
