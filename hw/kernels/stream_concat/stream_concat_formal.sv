// A words of one input come out, then B of the other, each input's in order and in time; `last` is the second one's.
`default_nettype none

module stream_concat_formal #(
    parameter int unsigned A = 1,
    parameter int unsigned B = 1
) (
    input wire       clk,
    input wire       rst_n,
    input wire [1:0] s0_data,
    input wire [1:0] s1_data,
    input wire       s0_valid,
    input wire       s1_valid,
    input wire       m_ready
);
    localparam int unsigned TURN_BITS = $clog2(A + B);
    wire       s0_ready, s1_ready, m_valid, x_here, y_here;
    wire [1:0] m_data, x, y, x_inside, y_inside;
    (* anyconst *) logic [1:0] chosen;
    initial assume (!rst_n);

    stream_concat #(.A(A), .B(B), .X_BITS(1), .Y_BITS(1), .BITS(1)) dut (.*);

    // Words of the round that were taken and given; the next one is the second stream's from A on.
    wire give = m_valid && m_ready;
    wire take = (s0_valid && s0_ready) || (s1_valid && s1_ready);
    logic [TURN_BITS-1:0] taken, given;
    wire next_second  = taken >= TURN_BITS'(A);
    wire shown_second = given >= TURN_BITS'(A);
    always @(posedge clk) begin
        if (!rst_n) begin
            taken <= '0;
            given <= '0;
        end else begin
            if (take) taken <= (taken == TURN_BITS'(A + B - 1)) ? '0 : taken + 1'b1;
            if (give) given <= (given == TURN_BITS'(A + B - 1)) ? '0 : given + 1'b1;
        end
    end

    tracker #(.WORD_BITS(2), .MOST(A > 1 ? 2 : 1), .BITS(2)) xs (
        .clk, .rst_n, .chosen, .put(s0_valid && s0_ready), .put_word(s0_data),
        .shown(m_valid && !shown_second), .give(give && !shown_second), .inside(x_inside), .here(x_here), .word(x)
    );
    tracker #(.WORD_BITS(2), .MOST(B > 1 ? 2 : 1), .BITS(2)) ys (
        .clk, .rst_n, .chosen, .put(s1_valid && s1_ready), .put_word(s1_data),
        .shown(m_valid && shown_second), .give(give && shown_second), .inside(y_inside), .here(y_here), .word(y)
    );
    held #(.WORD_BITS(2)) out (.clk, .rst_n, .data(m_data), .valid(m_valid), .ready(m_ready));
    within #(.CYCLES(1)) opens (.clk, .rst_n, .waits(m_ready && !(next_second ? s1_ready : s0_ready)));

    always @* if (rst_n) begin
        in_turn: assert (next_second ? !s0_ready : !s1_ready);
        shows:   assert (m_valid || (x_inside == '0 && y_inside == '0));
        if (x_here) first_in_order:  assert (m_data == {1'b0, x[0]});
        if (y_here) second_in_order: assert (m_data == y);
    end
endmodule

`default_nettype wire
