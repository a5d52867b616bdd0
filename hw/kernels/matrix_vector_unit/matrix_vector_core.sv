// A matrix times each vector of a stream: SIMD columns and PE rows a cycle.
//
// A vector is SF words of SIMD integers, sent once. It is held in one half of a buffer and read NF times, once for
// every PE rows, while the other half takes the next one; with NF = 1 there is no buffer. A pass over the vector takes
// SF cycles and makes one output word, with no bubble between passes, vectors or frames: the multipliers rest only when
// input is missing or the output stalls. From the address on, everything runs freely; a pass issues its last word only
// once it has a place in the result queue, so nothing stalls behind that.
//
// With GROUPS above 1, that many matrices take turns, a vector each. With SETS above 1, the memory holds as many sets of
// them, which serve BLOCK turns each, one set after the other.
//
// The weights' memory is its user's: `weights` shows the word of `address` two cycles later, and is read only while
// `there`; `done` is high where a set's last word is read. Word n * SF + k of a matrix holds the weights of the rows from
// n * PE and the columns from k * SIMD, as FORM stores them.
// Limits: sums wrap at ACC_BITS, which the user chooses so that the last one fits.
`default_nettype none

module matrix_vector_core #(
    parameter int unsigned PE          = 1,
    parameter int unsigned SIMD        = 2,
    parameter int unsigned SF          = 4,      // words in a vector
    parameter int unsigned NF          = 2,      // passes over it
    parameter int unsigned GROUPS      = 1,      // matrices in turns
    parameter int unsigned SETS        = 1,      // of these, in memory
    parameter int unsigned BLOCK       = 1,      // turns of a set
    parameter int unsigned X_BITS      = 4,
    parameter bit          X_SIGNED    = 0,
    parameter int unsigned W_BITS      = 4,
    parameter bit          W_SIGNED    = 1,
    parameter bit          BIPOLAR     = 0,      // a weight is one bit, 1 for 1 and 0 for -1
    parameter int unsigned W_WORD      = PE * SIMD * W_BITS,  // of the weights' memory
    parameter int unsigned SUM_BITS    = 9,      // of a word's sum
    parameter int unsigned TIME        = 6,      // cycles from a word's issue to its sum: memories 2, and the sum's own
    parameter int unsigned ACC_BITS    = 12,
    parameter int unsigned PLACES      = 1,      // in the result queue
    parameter              FORM        = "booth",  // of the dot products, with LAYOUT
    parameter int unsigned LAYOUT      = 0,
    parameter int unsigned BIAS        = 0,        // by so much a word's sum is too large
    parameter              GRAPH       = "",
    parameter              BUFFER_FORM = "block",
    parameter int unsigned A_BITS      = (SF * NF * GROUPS * SETS > 1) ? $clog2(SF * NF * GROUPS * SETS) : 1
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [SIMD*X_BITS:0]    s_data,
    input  wire                     s_valid,
    output wire                     s_ready,

    output wire  [PE*ACC_BITS:0]    m_data,
    output wire                     m_valid,
    input  wire                     m_ready,

    output wire  [A_BITS-1:0]       address,
    input  wire  [W_WORD-1:0]       weights,
    input  wire                     there,
    output wire                     done
);
    localparam int unsigned X_WORD = SIMD * X_BITS;
    localparam int unsigned K_BITS = (SF > 1) ? $clog2(SF) : 1;
    localparam int unsigned PERIOD = SF * NF * GROUPS;  // words of a set

    // Issue: k is the word in the vector, address the word among the weights.
    wire                place, issue, pass_end, vector_end, frame_end, period_end, set_end;
    wire [K_BITS-1:0]   k;
    wire [X_WORD-1:0]   x;

    set_counter #(.WORDS(PERIOD), .SETS(SETS), .BLOCK(BLOCK)) order (
        .clk, .rst_n, .step(issue), .address, .turn_end(period_end), .set_end);
    assign done = issue && set_end;
    wire unused_end = &{1'b0, period_end};

    // The vector's end: that of the memory, a pass, or so many passes.
    if (GROUPS == 1) begin : ends_with_set
        assign vector_end = period_end;
    end else if (NF == 1) begin : ends_with_pass
        assign vector_end = pass_end;
    end else begin : count_passes
        logic [$clog2(NF)-1:0] passes;
        assign vector_end = pass_end && passes == $clog2(NF)'(NF - 1);
        always_ff @(posedge clk) begin
            if (!rst_n) passes <= '0;
            else if (issue && pass_end) passes <= vector_end ? '0 : passes + 1'b1;
        end
    end
    if (SF == 1 || (NF == 1 && GROUPS * SETS == 1) || (SF & (SF - 1)) == 0) begin : aligned
        assign k        = (SF == 1) ? '0 : address[K_BITS-1:0];
        assign pass_end = (SF == 1) || k == K_BITS'(SF - 1);
    end else begin : unaligned
        logic [K_BITS-1:0] counter;
        assign k        = counter;
        assign pass_end = counter == K_BITS'(SF - 1);
        always_ff @(posedge clk) begin
            if (!rst_n) counter <= '0;
            else if (issue) counter <= pass_end ? '0 : counter + 1'b1;
        end
    end

    if (NF == 1) begin : direct
        assign s_ready   = there && (place || !pass_end);
        assign issue     = s_valid && s_ready;
        assign frame_end = s_data[X_WORD];
        logic [X_WORD-1:0] taken, waited;
        always_ff @(posedge clk) begin
            taken  <= s_data[X_WORD-1:0];
            waited <= taken;
        end
        assign x = waited;
        wire unused = &{1'b0, k, vector_end};
    end else begin : buffered
        wire full;
        assign issue = there && full && (place || !pass_end);
        vector_buffer #(.WORD_BITS(X_WORD), .WORDS(SF), .FORM(BUFFER_FORM)) vector (
            .clk, .rst_n, .s_data, .s_valid, .s_ready, .full, .k, .done(issue && vector_end), .word(x), .frame_end);
    end

    // A result shows at `result` in the cycle in which the last of its sums is added.
    logic [TIME-1:0] valid, last, ending;
    always_ff @(posedge clk) begin
        valid  <= rst_n ? TIME'({valid, issue}) : '0;
        last   <= TIME'({last, issue && pass_end});
        ending <= TIME'({ending, vector_end && frame_end});
    end
    wire adds = valid[TIME-1];
    wire push = valid[TIME-1] && last[TIME-1];

    localparam logic [7:0] LETTER = 8'(FORM);
    localparam bit CARRIES = (LETTER == "h") || (LETTER == "n") || (LETTER == "d");

    wire [PE*SUM_BITS-1:0] sums;
    wire [PE-1:0]          carries;
    dot_products #(
        .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED),
        .BIPOLAR(BIPOLAR), .W_WORD(W_WORD), .FORM(FORM), .LAYOUT(LAYOUT), .GRAPH(GRAPH), .CYCLES(TIME - 2),
        .BIAS(BIAS), .SUM_BITS(SUM_BITS)
    ) dots (.clk, .x, .w(weights), .sums, .carries);

    localparam logic [ACC_BITS-1:0] START = -(ACC_BITS'(SF) * ACC_BITS'(BIAS));
    logic [PE*ACC_BITS-1:0] result;
    for (genvar p = 0; p < int'(PE); p++) begin : row
        wire signed [SUM_BITS-1:0] sum   = sums[p*SUM_BITS +: SUM_BITS];
        wire                       carry = carries[p];
        wire [ACC_BITS-1:0] base, next;
        wire                lowest;
        // one bit more at the bottom takes the carry
        if (CARRIES) begin : with_carry
            assign {next, lowest} = {base, carry} + {ACC_BITS'(sum), carry};
        end else begin : plain
            assign {next, lowest} = {base + ACC_BITS'(sum), carry};
        end
        wire unused = &{1'b0, lowest, sum, adds};  // the highest bits of sum may be more than the result needs
        assign result[p*ACC_BITS +: ACC_BITS] = next;

        if (SF == 1) begin : whole
            assign base = START;
        end else begin : accumulate
            // Cleared by the word that completes a result, not by the first of the next: a reset costs no logic.
            logic [ACC_BITS-1:0] accumulator;
            assign base = accumulator;
            always_ff @(posedge clk) begin
                if (!rst_n || push) accumulator <= START;
                else if (adds) accumulator <= next;
            end
        end
    end

    result_queue #(.WORD_BITS(PE*ACC_BITS + 1), .PLACES(PLACES)) queue (
        .clk, .rst_n, .promise(issue && pass_end), .place, .push, .word({ending[TIME-1], result}),
        .m_data, .m_valid, .m_ready);
endmodule

`default_nettype wire
