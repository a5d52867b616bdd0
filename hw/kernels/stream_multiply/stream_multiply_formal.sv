// Word k out is the product of word k of both inputs, with the first one's `last`, and in time.
`default_nettype none

module stream_multiply_formal #(
    parameter int unsigned LANES  = 1,
    parameter int unsigned X_BITS = 1,
    parameter int unsigned Y_BITS = 1,
    parameter int unsigned BITS   = 2
) (
    input wire                  clk,
    input wire                  rst_n,
    input wire [LANES*X_BITS:0] s0_data,
    input wire [LANES*Y_BITS:0] s1_data,
    input wire                  s0_valid,
    input wire                  s1_valid,
    input wire                  m_ready
);
    localparam int unsigned MOST = 3;  // two words in a slice, one in the register behind it
    wire                  s0_ready, s1_ready, m_valid, x_here, y_here;
    wire [LANES*BITS:0]   m_data;
    wire [LANES*X_BITS:0] x;
    wire [LANES*Y_BITS:0] y;
    wire [1:0]            x_inside, y_inside;
    (* anyconst *) logic [1:0] chosen;
    initial assume (!rst_n);

    stream_multiply #(.LANES(LANES), .X_BITS(X_BITS), .Y_BITS(Y_BITS), .BITS(BITS)) dut (.*);

    wire give = m_valid && m_ready;
    tracker #(.WORD_BITS(LANES * X_BITS + 1), .MOST(MOST)) xs (
        .clk, .rst_n, .chosen, .put(s0_valid && s0_ready), .put_word(s0_data), .shown(m_valid), .give,
        .inside(x_inside), .here(x_here), .word(x)
    );
    tracker #(.WORD_BITS(LANES * Y_BITS + 1), .MOST(MOST)) ys (
        .clk, .rst_n, .chosen, .put(s1_valid && s1_ready), .put_word(s1_data), .shown(m_valid), .give,
        .inside(y_inside), .here(y_here), .word(y)
    );
    held #(.WORD_BITS(LANES * BITS + 1)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));

    // A word of each input waits for the other's: they are due once both are there.
    within #(.CYCLES(1)) shows (.clk, .rst_n, .waits(x_inside != '0 && y_inside != '0 && !m_valid));
    within #(.CYCLES(1)) x_opens (.clk, .rst_n, .waits(y_inside >= x_inside && m_ready && !s0_ready));
    within #(.CYCLES(1)) y_opens (.clk, .rst_n, .waits(x_inside >= y_inside && m_ready && !s1_ready));

    logic [LANES*BITS-1:0] products;
    always @* begin
        for (int i = 0; i < int'(LANES); i++) begin
            products[i*BITS +: BITS] = BITS'(int'(x[i*X_BITS +: X_BITS]) * int'(y[i*Y_BITS +: Y_BITS]));
        end
        if (rst_n && x_here) begin
            both:     assert (y_here);
            in_order: assert (m_data == {x[LANES*X_BITS], products});
        end
    end
endmodule

`default_nettype wire
