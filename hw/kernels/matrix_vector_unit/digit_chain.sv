// The dot product of LANES inputs and weights, sum + carry, in one chain of adders: for AMD's LUTs of six inputs.
//
// By Booth's recoding to base 4, three neighbouring bits of a weight are a digit -2, -1, 0, 1 or 2, and a bit of
// digit * x is a function of these three and of two neighbouring bits of x: five inputs. The sixth is the sum so far, so
// that each LUT of a carry chain makes its bit of the product and adds it. The lowest digits of all lanes are summed
// first; a register later, the next digits are added to what is left of that sum, shifted by two.
//
// A negative digit only inverts; the one that the inversion lacks goes in below the adder's lowest bit. The first
// product has no adder: its one goes out as `carry`. Nothing is signed: what can be negative is raised by half its range
// (its sign bit is inverted), and whoever takes the sum takes off what it is too large by. With UNIT, for weights of two
// bits, all of them are -1, 0 or 1. Time: a cycle a digit.
`default_nettype none

module digit_chain #(
    parameter int unsigned LANES    = 3,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter bit          UNIT     = 0,
    parameter int unsigned SUM_BITS = 10
) (
    input  wire                     clk,
    input  wire  [LANES*X_BITS-1:0] x,
    input  wire  [LANES*W_BITS-1:0] w,
    output wire  [SUM_BITS-1:0]     sum,
    output wire                     carry
);
    localparam int unsigned DIGITS = (W_BITS + (W_SIGNED ? 0 : 1) + 1) / 2;

    function automatic bit negative(input int unsigned j);  // whether digit j can be
        negative = W_SIGNED || 2 * j + 1 < W_BITS;
    endfunction
    function automatic bit double(input int unsigned j);
        double = !UNIT && (2 * j + 1 < W_BITS || (!W_SIGNED && j > 0 && 2 * j < W_BITS));
    endfunction
    function automatic int unsigned part(input int unsigned j);  // bits of digit j times x
        part = X_BITS + (double(j) ? 1 : 0) + (negative(j) && (!X_SIGNED || X_BITS == 1) ? 1 : 0);
    endfunction
    // Bits of the sum after so many lanes of digit j, without the lowest ones, which the digits below have settled.
    function automatic int unsigned bits(input int unsigned j, input int unsigned lanes);
        int unsigned largest;
        largest = 0;
        for (int unsigned i = 0; i < j; i++) largest = (largest + LANES * ((1 << part(i)) - 1)) >> 2;
        bits = $clog2(largest + lanes * ((1 << part(j)) - 1) + 1);
    endfunction

    for (genvar j = 0; j < int'(DIGITS); j++) begin : digit
        localparam int unsigned PART = part(j);
        localparam bit          NEGATIVE = negative(j), DOUBLE = double(j);
        localparam int unsigned ALL  = bits(j, LANES);
        localparam int unsigned LEFT = 2 * (DIGITS - j) + 1;  // bits of a weight, with the one below the digit

        // Inputs and weights in this digit's cycle.
        wire [LANES*X_BITS-1:0] xs;
        wire [LANES*LEFT-1:0]   ws;
        if (j == 0) begin : first
            assign xs     = x;
            for (genvar i = 0; i < int'(LANES); i++) begin : padded
                wire signed [W_BITS:0] signed_w = {W_SIGNED & w[(i+1)*W_BITS-1], w[i*W_BITS +: W_BITS]};
                assign ws[i*LEFT +: LEFT] = {(LEFT-1)'(signed_w), 1'b0};
                wire unused = &{1'b0, signed_w};
            end
        end else begin : later
            logic [LANES*X_BITS-1:0] x_late;
            logic [LANES*LEFT-1:0]   w_late;
            always_ff @(posedge clk) begin
                x_late <= digit[j-1].xs;
                for (int i = 0; i < int'(LANES); i++) w_late[i*LEFT +: LEFT] <= digit[j-1].ws[i*(LEFT+2)+2 +: LEFT];
            end
            assign xs     = x_late;
            assign ws     = w_late;
        end

        wire [LANES-1:0] missing;  // the ones that inversions lack
        for (genvar i = 0; i < int'(LANES); i++) begin : lane
            wire [X_BITS-1:0] xi   = xs[i*X_BITS +: X_BITS];
            wire              high = NEGATIVE & ws[i*LEFT+2];
            wire              mid  = ws[i*LEFT+1];
            wire              low  = ws[i*LEFT];

            wire [X_BITS+1:0] single   = {{2{X_SIGNED & xi[X_BITS-1]}}, xi};
            wire [X_BITS+1:0] twice    = {single[X_BITS:0], 1'b0};
            wire [X_BITS+1:0] absolute = (mid ^ low) ? single : twice & {(X_BITS+2){DOUBLE && ws[i*LEFT+2] != mid}};
            wire [X_BITS+1:0] exact    = absolute ^ {(X_BITS+2){high}};
            wire [PART-1:0]   raised   = exact[PART-1:0] ^ PART'((X_SIGNED || NEGATIVE) ? 1 << (PART-1) : 0);
            assign missing[i] = high;

            // The sum so far is the minuend: synthesis takes its operand of an addition in any order, and only the one
            // that is not in the LUT alone has to exist outside of it.
            localparam int unsigned WITH = bits(j, i + 1);
            wire [WITH-1:0] upto;
            if (i == 0 && j == 0) begin : head
                assign upto = raised;
            end else begin : add
                localparam int unsigned HAD = (i == 0) ? bits((j > 0) ? j - 1 : 0, LANES) - 2 : bits(j, i);
                wire [HAD-1:0] so_far;
                if (i == 0) begin : below
                    assign so_far = digit[j-1].total[2 +: HAD];
                end else begin : beside
                    assign so_far = digit[j].lane[i-1].upto;
                end
                wire [WITH:0] addend = (WITH+1)'({raised, high});
                wire          lowest;
                assign {upto, lowest} = (WITH+1)'({so_far, high}) - ~addend;
                wire unused = &{1'b0, lowest};
            end
            wire unused = &{1'b0, exact, low, mid};
        end

        // The sum, the bits of it that are settled, and the first product's one.
        logic [ALL-1:0] total;
        logic [2*j:0]   done;
        always_ff @(posedge clk) total <= lane[LANES-1].upto;
        if (j == 0) begin : start
            always_ff @(posedge clk) done <= missing[0];
        end else begin : go_on
            always_ff @(posedge clk) done <= {digit[j-1].total[1:0], digit[j-1].done};
        end
        wire unused = &{1'b0, missing, ws};
    end

    assign {sum, carry} = (SUM_BITS+1)'({digit[DIGITS-1].total, digit[DIGITS-1].done});  // few lanes' sum has fewer bits
endmodule

`default_nettype wire
