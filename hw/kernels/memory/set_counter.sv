// Addresses of a memory of SETS sets of WORDS words: a set is read BLOCK times from its beginning to its end, then the
// next one, after the last the first. Counts on with `step`.
`default_nettype none

module set_counter #(
    parameter int unsigned WORDS        = 4,
    parameter int unsigned SETS         = 1,
    parameter int unsigned BLOCK        = 1,
    parameter int unsigned ADDRESS_BITS = (WORDS * SETS > 1) ? $clog2(WORDS * SETS) : 1
) (
    input  wire                     clk,
    input  wire                     rst_n,
    input  wire                     step,
    output wire  [ADDRESS_BITS-1:0] address,
    output wire                     turn_end,  // the set's last word
    output wire                     set_end    // and the last time that it is read
);
    localparam int unsigned DEPTH = WORDS * SETS;

    if (DEPTH == 1) begin : single
        assign address  = '0;
        assign turn_end = 1'b1;
    end else if (SETS == 1) begin : one_set
        logic [ADDRESS_BITS-1:0] at;
        assign address  = at;
        assign turn_end = at == ADDRESS_BITS'(DEPTH - 1);
        always_ff @(posedge clk) begin
            if (!rst_n) at <= '0;
            else if (step) at <= turn_end ? '0 : at + 1'b1;
        end
    end else begin : sets
        logic [ADDRESS_BITS-1:0] at, first, final_word;  // the set's
        wire  [ADDRESS_BITS-1:0] next = (at == ADDRESS_BITS'(DEPTH - 1)) ? '0 : at + 1'b1;
        assign address  = at;
        assign turn_end = at == final_word;
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                at    <= '0;
                first      <= '0;
                final_word <= ADDRESS_BITS'(WORDS - 1);
            end else if (step) begin
                at <= (turn_end && !set_end) ? first : next;
                if (set_end) begin
                    first      <= next;
                    final_word <= (next == '0) ? ADDRESS_BITS'(WORDS - 1) : final_word + ADDRESS_BITS'(WORDS);
                end
            end
        end
    end

    if (SETS == 1 || BLOCK == 1) begin : one_turn
        assign set_end = turn_end;
    end else begin : turns
        logic [$clog2(BLOCK)-1:0] turn;
        wire                      turn_last = turn == $clog2(BLOCK)'(BLOCK - 1);
        assign set_end = turn_end && turn_last;
        always_ff @(posedge clk) begin
            if (!rst_n) turn <= '0;
            else if (step && turn_end) turn <= turn_last ? '0 : turn + 1'b1;
        end
    end
    if (DEPTH == 1) begin : nothing_counts
        wire unused = &{1'b0, clk, rst_n, step};
    end
endmodule

`default_nettype wire
