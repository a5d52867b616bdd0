// A depthwise convolution's sums: each channel of a window times its own weights, PE products a cycle.
//
// Windows come as the sliding window sends them: TAPS taps, each of words of PE channels. A channel makes MULTIPLE
// outputs, for which a word is read as many times: its PE * MULTIPLE products, channel by channel, are cut into MULTIPLE
// steps of PE. The sums so far wait in a line of STEPS words, those of a tap, and the sums of a window's last tap go out;
// a step is made in every cycle, with no bubble between windows or frames. From the address on, everything runs freely;
// a step of the last tap is made only once it has a place in the result queue, so nothing stalls behind that.
//
// Weights: word t * STEPS + s holds tap t of the PE outputs from s * PE on, the first in the lowest bits; output o is of
// channel o / MULTIPLE. Limits: sums wrap at ACC_BITS, which the user chooses so that the last one fits.
`default_nettype none

module depthwise_unit #(
    parameter int unsigned PE        = 2,
    parameter int unsigned MULTIPLE  = 1,  // outputs a channel
    parameter int unsigned STEPS     = 4,  // of a tap: words times MULTIPLE
    parameter int unsigned TAPS      = 3,
    parameter int unsigned X_BITS    = 4,
    parameter bit          X_SIGNED  = 0,
    parameter int unsigned W_BITS    = 4,
    parameter int unsigned W_WORD    = W_BITS,  // of a lane in the weights' memory
    parameter bit          W_SIGNED  = 1,
    parameter bit          BIPOLAR   = 0,  // a weight is one bit, 1 for 1 and 0 for -1
    parameter int unsigned SUM_BITS  = 8,  // of a product
    parameter int unsigned TIME      = 6,  // cycles from a step's issue to its products: memory 2, and the product's own
    parameter int unsigned ACC_BITS  = 12,
    parameter int unsigned PLACES    = 8,  // in the result queue
    parameter              FORM      = "booth",  // of the product, with LAYOUT
    parameter int unsigned LAYOUT    = 0,
    parameter              ROM_FORM  = "lut",
    parameter              LINE_FORM = "lut",
    parameter              WEIGHTS   = ""
) (
    input  wire                               clk,
    input  wire                               rst_n,

    input  wire  [PE*X_BITS:0]                s_data,
    input  wire                               s_valid,
    output wire                               s_ready,

    output wire  [PE*ACC_BITS:0]              m_data,
    output wire                               m_valid,
    input  wire                               m_ready
);
    localparam int unsigned WORDS  = TAPS * STEPS;
    localparam int unsigned X_WORD = PE * X_BITS;
    localparam int unsigned A_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;

    // Issue: address is the word in the window.
    wire              place, first_tap, last_tap, last_step;
    wire [A_BITS-1:0] address;
    wire              ready = place || !last_tap;
    wire              issue = s_valid && ready;
    assign            s_ready = ready && last_step;

    if (WORDS == 1) begin : single
        assign address = '0;
    end else begin : count
        logic [A_BITS-1:0] counter;
        assign address = counter;
        always_ff @(posedge clk) begin
            if (!rst_n) counter <= '0;
            else if (issue) counter <= (counter == A_BITS'(WORDS - 1)) ? '0 : counter + 1'b1;
        end
    end
    if (TAPS == 1) begin : one_tap
        assign first_tap = 1'b1;
        assign last_tap  = 1'b1;
    end else begin : taps
        logic first, final_tap;
        assign first_tap = first;
        assign last_tap  = final_tap;
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                first     <= 1'b1;
                final_tap <= 1'b0;
            end else if (issue) begin
                if (address == A_BITS'(STEPS - 1)) first <= 1'b0;
                if (address == A_BITS'(WORDS - 1)) first <= 1'b1;
                if (address == A_BITS'(WORDS - STEPS - 1)) final_tap <= 1'b1;
                if (address == A_BITS'(WORDS - 1)) final_tap <= 1'b0;
            end
        end
    end

    // The channels of this step's products.
    wire [X_WORD-1:0] channels;
    if (MULTIPLE == 1) begin : whole
        assign last_step = 1'b1;
        assign channels  = s_data[X_WORD-1:0];
    end else begin : parts
        localparam int unsigned M_BITS = $clog2(MULTIPLE);
        logic [M_BITS-1:0]          step;
        wire  [MULTIPLE*X_WORD-1:0] repeated;
        for (genvar i = 0; i < int'(PE * MULTIPLE); i++) begin : output_of
            assign repeated[i*X_BITS +: X_BITS] = s_data[i/int'(MULTIPLE)*X_BITS +: X_BITS];
        end
        assign last_step = step == M_BITS'(MULTIPLE - 1);
        assign channels  = repeated[step*X_WORD +: X_WORD];
        always_ff @(posedge clk) begin
            if (!rst_n)     step <= '0;
            else if (issue) step <= last_step ? '0 : step + 1'b1;
        end
    end

    // A product is added in the cycle in which it shows.
    logic [TIME-1:0] valid, first, last, ending;
    always_ff @(posedge clk) begin
        valid  <= rst_n ? TIME'({valid, issue}) : '0;
        first  <= TIME'({first, first_tap});
        last   <= TIME'({last, last_tap});
        ending <= TIME'({ending, last_step && s_data[X_WORD]});
    end
    wire adds = valid[TIME-1];
    wire push = valid[TIME-1] && last[TIME-1];

    logic [X_WORD-1:0]    taken, x;
    wire  [PE*W_WORD-1:0] w;
    always_ff @(posedge clk) begin
        taken <= channels;
        x     <= taken;
    end
    rom #(.WORD_BITS(PE*W_WORD), .DEPTH(WORDS), .FORM(ROM_FORM), .FILE(WEIGHTS)) weights (.clk, .address, .data(w));

    wire [PE*ACC_BITS-1:0] base, sums;
    for (genvar i = 0; i < int'(PE); i++) begin : lane
        wire signed [SUM_BITS-1:0] product;
        wire                       carry, lowest;
        dot_products #(
            .PE(1), .SIMD(1), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED),
            .BIPOLAR(BIPOLAR), .W_WORD(W_WORD), .FORM(FORM), .LAYOUT(LAYOUT), .CYCLES(TIME - 2),
            .SUM_BITS(SUM_BITS)
        ) multiply (
            .clk, .x(x[i*X_BITS +: X_BITS]), .w(w[i*W_WORD +: W_WORD]), .sums(product), .carries(carry));
        // one bit more at the bottom takes the carry
        assign {sums[i*ACC_BITS +: ACC_BITS], lowest} =
            {base[i*ACC_BITS +: ACC_BITS], carry} + {ACC_BITS'(product), carry};
        wire unused = &{1'b0, lowest, product};  // the highest bits of a product may be more than the result needs
    end

    if (TAPS == 1) begin : products
        assign base = '0;
        wire unused = &{1'b0, adds, first};
    end else begin : accumulate
        sum_line #(.WORD_BITS(PE*ACC_BITS), .WORDS(STEPS), .FORM(LINE_FORM)) line (
            .clk, .rst_n, .read(valid[TIME-3]), .clear(first[TIME-2]), .word(base), .write(adds), .sums,
            .done(last[TIME-1]));
    end

    result_queue #(.WORD_BITS(PE*ACC_BITS + 1), .PLACES(PLACES)) queue (
        .clk, .rst_n, .promise(issue && last_tap), .place, .push, .word({ending[TIME-1], sums}),
        .m_data, .m_valid, .m_ready);
endmodule

`default_nettype wire
