// A product in logic, x * w = product + carry, without a multiplier.
//
// Booth's recoding to base 4: each pair of the weight's bits is a digit -2, -1, 0, 1 or 2. A bit of digit * x is one
// four-input function, because the zero is the register's synchronous reset and a negative digit only inverts; the one
// that the inversion lacks goes into the next adder, that of the lowest digit out as `carry`. Meant for weights of few
// bits: an adder a digit.
//
// Time: digits registered (x comes one cycle after w), times x registered, then an adder; each digit above the second
// adds a register.
`default_nettype none

module booth_lane #(
    parameter int unsigned X_BITS       = 4,
    parameter bit          X_SIGNED     = 0,
    parameter int unsigned W_BITS       = 4,
    parameter bit          W_SIGNED     = 1,
    parameter int unsigned PRODUCT_BITS = 8
) (
    input  wire                      clk,
    input  wire  [X_BITS-1:0]        x,  // a cycle later than w
    input  wire  [W_BITS-1:0]        w,
    output wire  [PRODUCT_BITS-1:0]  product,
    output wire                      carry
);
    localparam int unsigned DIGITS = (W_BITS + (W_SIGNED ? 0 : 1) + 1) / 2;
    localparam int unsigned PART   = X_BITS + 2;  // holds -2x - 1 and 2x
    localparam int unsigned SUM    = X_BITS + 2 * DIGITS;

    wire [PART-1:0]   single = {{2{X_SIGNED & x[X_BITS-1]}}, x};
    wire [PART-1:0]   double = {single[PART-2:0], 1'b0};
    wire [2*DIGITS:0] padded = {{(2*DIGITS-W_BITS){W_SIGNED & w[W_BITS-1]}}, w, 1'b0};

    for (genvar j = 0; j < int'(DIGITS); j++) begin : digit
        wire high = padded[2*j+2];
        wire mid  = padded[2*j+1];
        wire low  = padded[2*j];

        logic negative, once, zero;
        always_ff @(posedge clk) begin
            negative <= high;
            once     <= mid ^ low;
            zero     <= j > 0 && high == mid && mid == low;
        end

        logic [PART-1:0] part;
        logic            less;
        always_ff @(posedge clk) begin
            if (zero) begin
                part <= '0;
                less <= 1'b0;
            end else begin
                // The lowest digit is never 2, so that it can be 0 without the reset.
                part <= (once ? single : double & {PART{j > 0 || negative}}) ^ {PART{negative}};
                less <= negative;
            end
        end

        // A digit above the second waits for the sum below it.
        wire [PART-1:0] addend;
        wire            addend_less;
        if (j < 2) begin : at_once
            assign {addend_less, addend} = {less, part};
        end else begin : later
            logic [(j-1)*(PART+1)-1:0] line;
            always_ff @(posedge clk) line <= ((j-1)*(PART+1))'({line, less, part});
            assign {addend_less, addend} = line[(j-1)*(PART+1)-1 -: PART+1];
        end

        // The sum up to this digit, and the carry of the lowest one.
        wire [SUM-1:0] sum;
        wire           carried;
        if (j == 0) begin : first
            assign sum     = SUM'($signed(addend));
            assign carried = addend_less;
        end else begin : next
            logic [SUM-1:0] below;
            if (j == 1) begin : direct
                assign below   = digit[j-1].sum;
                assign carried = digit[j-1].carried;
            end else begin : held
                logic held_carry;
                always_ff @(posedge clk) begin
                    below      <= digit[j-1].sum;
                    held_carry <= digit[j-1].carried;
                end
                assign carried = held_carry;
            end
            wire [PART-1:0] upper;
            wire            lowest;  // one bit more at the bottom: twice the carry
            assign {upper, lowest} = {PART'($signed(below[X_BITS+2*j-1:2*j])), addend_less} + {addend, addend_less};
            assign sum = SUM'($signed({upper, below[2*j-1:0]}));
            wire unused = &{1'b0, lowest, below[SUM-1:X_BITS+2*j]};
        end
    end

    assign product = digit[DIGITS-1].sum[PRODUCT_BITS-1:0];
    assign carry   = digit[DIGITS-1].carried;
    if (PRODUCT_BITS < SUM) begin : wide
        wire unused = &{1'b0, digit[DIGITS-1].sum[SUM-1:PRODUCT_BITS]};
    end
endmodule

`default_nettype wire
