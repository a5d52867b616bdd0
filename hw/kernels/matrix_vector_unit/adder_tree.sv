// The sum of INPUTS signed integers, with a register at the root and after every second level, every one without carries.
//
// An integer comes as value + carry, the carry one bit: what a two's complement negation still lacks. An adder takes
// one carry at its lowest bit for the price of one bit more, so that a tree takes all of them but one, which it hands
// on. Without CARRY, two levels between registers would be one sum of four to synthesis, which spends compressors on it
// where two carry chains are smaller; with it, they are told apart. With SIGNED 0 nothing is signed. SKEW levels of logic lie before the tree. Limits: a level widens each sum by a bit, also where INPUTS is not a
// power of two.
`default_nettype none

module adder_tree #(
    parameter int unsigned INPUTS = 4,
    parameter int unsigned BITS   = 8,
    parameter int unsigned LEVELS = $clog2(INPUTS),
    parameter int unsigned SKEW   = 0,
    parameter bit          CARRY  = 1,
    parameter bit          SIGNED = 1,
    parameter bit          ROOT   = 1
) (
    input  wire                            clk,
    input  wire         [INPUTS*BITS-1:0]  values,
    input  wire         [INPUTS-1:0]       carries,
    output logic signed [BITS+LEVELS-1:0]  sum,
    output logic                           carry
);
    localparam int unsigned OUT = BITS + LEVELS;
    logic signed [OUT-1:0] total;
    logic                  rest;

    if (LEVELS == 0) begin : leaf
        assign total = values;
        assign rest  = carries[0];
    end else begin : node
        // Both halves have the same depth, so that they take the same time.
        localparam int unsigned HALF = 1 << (LEVELS - 1);
        localparam int unsigned LEFT = (INPUTS < HALF) ? INPUTS : HALF;
        logic signed [OUT-2:0] left;
        logic                  left_carry;
        adder_tree #(.INPUTS(LEFT), .BITS(BITS), .LEVELS(LEVELS-1), .SKEW(SKEW), .CARRY(CARRY), .SIGNED(SIGNED), .ROOT(0)) left_half (
            .clk, .values(values[LEFT*BITS-1:0]), .carries(carries[LEFT-1:0]), .sum(left), .carry(left_carry));

        if (INPUTS <= HALF) begin : pass
            assign total = {SIGNED & left[OUT-2], left};
            assign rest  = left_carry;
        end else begin : add
            localparam int unsigned RIGHT = INPUTS - LEFT;
            logic signed [OUT-2:0] right;
            adder_tree #(.INPUTS(RIGHT), .BITS(BITS), .LEVELS(LEVELS-1), .SKEW(SKEW), .CARRY(CARRY), .SIGNED(SIGNED), .ROOT(0)) right_half (
                .clk, .values(values[INPUTS*BITS-1:LEFT*BITS]), .carries(carries[INPUTS-1:LEFT]),
                .sum(right), .carry(rest));
            if (CARRY) begin : with_carry
                logic lowest;  // one bit more at the bottom: twice the carry
                assign {total, lowest} =
                    {SIGNED & left[OUT-2], left, left_carry} + {SIGNED & right[OUT-2], right, left_carry};
                wire unused = &{1'b0, lowest};
            end else begin : plain
                assign total = {SIGNED & left[OUT-2], left} + {SIGNED & right[OUT-2], right};
                wire unused = &{1'b0, left_carry};
            end
        end
    end

    if (LEVELS > 0 && (ROOT || !CARRY || (LEVELS + SKEW) % 2 == 0)) begin : registered
        always_ff @(posedge clk) begin
            sum   <= total;
            carry <= rest;
        end
    end else begin : wired
        assign sum   = total;
        assign carry = rest;
        wire unused = &{1'b0, clk};
    end
endmodule

`default_nettype wire
