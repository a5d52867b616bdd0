// clamp((x * multiplier + offset) >> shift) in every lane, with each channel's own multiplier and offset.
//
// A pipeline that runs freely: two cycles of the memory, one register each behind the product and the sum. A word enters
// once it has a place in the queue behind it; one place does where a word comes every six cycles at most.
`default_nettype none

module requantizer #(
    parameter int unsigned IN_BITS           = 16,
    parameter int unsigned IN_SIGNED         = 1,
    parameter int unsigned PE                = 1,
    parameter int unsigned GROUPS            = 16,  // words a position: 1 where all channels share their numbers
    parameter int unsigned SETS              = 1,   // of numbers, each for so many turns of GROUPS words
    parameter int unsigned BLOCK             = 1,
    parameter int unsigned MULTIPLIER_BITS   = 10,
    parameter int unsigned MULTIPLIER_SIGNED = 0,
    parameter int unsigned OFFSET_BITS       = 24,  // signed
    parameter int unsigned PRODUCT_BITS      = 26,  // signed, holds every product
    parameter int unsigned SUM_BITS          = 27,  // signed, holds every sum, more than SHIFT
    parameter int unsigned SHIFT             = 12,
    parameter int unsigned OUT_BITS          = 4,
    parameter int unsigned OUT_SIGNED        = 0,
    parameter int unsigned LOW               = 0,   // the clamp, as OUT_BITS bits
    parameter int unsigned HIGH              = 15,
    parameter int unsigned PLACES            = 8,   // of the queue: 1 or at least 7
    parameter              FORM              = "block",
    parameter              FILE              = ""   // of each lane {offset, multiplier}
) (
    input  wire                   clk,
    input  wire                   rst_n,

    input  wire  [PE*IN_BITS:0]   s_data,
    input  wire                   s_valid,
    output wire                   s_ready,

    output wire  [PE*OUT_BITS:0]  m_data,
    output wire                   m_valid,
    input  wire                   m_ready
);
    localparam int unsigned G         = GROUPS * SETS > 1 ? $clog2(GROUPS * SETS) : 1;
    localparam int unsigned LANE_BITS = MULTIPLIER_BITS + OFFSET_BITS;
    localparam int unsigned X         = IN_BITS + (IN_SIGNED != 0 ? 0 : 1);  // as signed numbers
    localparam int unsigned M         = MULTIPLIER_BITS + (MULTIPLIER_SIGNED != 0 ? 0 : 1);
    localparam int unsigned Y         = SUM_BITS - SHIFT + OUT_BITS + 1;  // more than both need, so that they compare
    localparam bit signed [Y-1:0] Y_LOW  = OUT_SIGNED != 0 ? Y'($signed(OUT_BITS'(LOW)))  : Y'(LOW);
    localparam bit signed [Y-1:0] Y_HIGH = OUT_SIGNED != 0 ? Y'($signed(OUT_BITS'(HIGH))) : Y'(HIGH);

    wire take = s_valid && s_ready;
    logic [3:0]            valid, last;
    logic [PE*IN_BITS-1:0] x_1, x_2;
    always_ff @(posedge clk) begin
        valid <= rst_n ? {valid[2:0], take} : '0;
        last <= {last[2:0], s_data[PE*IN_BITS]};
        x_1  <= s_data[PE*IN_BITS-1:0];
        x_2  <= x_1;
    end

    wire [PE*LANE_BITS-1:0] numbers;
    wire [G-1:0] group;
    wire         turn_end, set_end;
    wire         unused_ends = &{1'b0, turn_end, set_end};
    set_counter #(.WORDS(GROUPS), .SETS(SETS), .BLOCK(BLOCK)) counter (
        .clk(clk), .rst_n(rst_n), .step(take), .address(group), .turn_end(turn_end), .set_end(set_end));
    rom #(.WORD_BITS(PE * LANE_BITS), .DEPTH(GROUPS * SETS), .FORM(FORM), .FILE(FILE))
        memory (.clk(clk), .address(group), .data(numbers));

    wire [PE*OUT_BITS-1:0] values;
    for (genvar i = 0; i < int'(PE); i++) begin : lanes
        wire [IN_BITS-1:0]         lane_x   = x_2[i*IN_BITS +: IN_BITS];
        wire [MULTIPLIER_BITS-1:0] lane_m   = numbers[i*LANE_BITS +: MULTIPLIER_BITS];
        wire signed [X-1:0]        x        = IN_SIGNED != 0 ? X'($signed(lane_x)) : X'(lane_x);
        wire signed [M-1:0]        m        = MULTIPLIER_SIGNED != 0 ? M'($signed(lane_m)) : M'(lane_m);
        logic signed [PRODUCT_BITS-1:0] product;
        logic signed [OFFSET_BITS-1:0]  offset;
        logic signed [SUM_BITS-1:0]     sum;
        always_ff @(posedge clk) begin
            product <= PRODUCT_BITS'((X + M)'(x) * (X + M)'(m));
            offset  <= numbers[i*LANE_BITS+MULTIPLIER_BITS +: OFFSET_BITS];
            sum     <= SUM_BITS'(product) + SUM_BITS'(offset);
        end

        wire signed [Y-1:0] y = Y'($signed(sum[SUM_BITS-1:SHIFT]));
        assign values[i*OUT_BITS +: OUT_BITS] = y < Y_LOW  ? OUT_BITS'(LOW)
                                              : y > Y_HIGH ? OUT_BITS'(HIGH) : y[OUT_BITS-1:0];
        if (SHIFT > 0) begin : fraction
            wire unused = &{1'b0, sum[SHIFT-1:0]};
        end
    end

    result_queue #(.WORD_BITS(PE * OUT_BITS + 1), .PLACES(PLACES)) queue (
        .clk(clk), .rst_n(rst_n), .promise(take), .place(s_ready),
        .push(valid[3]), .word({last[3], values}),
        .m_data(m_data), .m_valid(m_valid), .m_ready(m_ready)
    );
endmodule

`default_nettype wire
