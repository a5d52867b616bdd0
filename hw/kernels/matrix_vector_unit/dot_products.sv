// The dot products of SIMD inputs with PE rows of weights: for each row sum + carry, new ones every cycle.
//
// `w` is the word of the weights' memory; what it holds is FORM's own matter, as is LAYOUT. In the forms that store
// weights one by one, row p's weight of input i is field p * SIMD + i of W_BITS bits, with BIPOLAR a bit that is 1 for 1
// and 0 for -1. All forms are equal but for TIME and how their integers are rounded to bits: `forms/` chooses.
`default_nettype none

module dot_products #(
    parameter int unsigned PE       = 2,
    parameter int unsigned SIMD     = 2,
    parameter int unsigned X_BITS   = 4,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 4,
    parameter bit          W_SIGNED = 1,
    parameter bit          BIPOLAR  = 0,
    parameter int unsigned W_WORD   = PE * SIMD * W_BITS,
    parameter              FORM     = "booth",
    parameter int unsigned LAYOUT   = 0,
    parameter              GRAPH    = "",  // of the form "constant"
    parameter int unsigned CYCLES   = 3,   // from the operands to the sums, as the form takes
    parameter int unsigned BIAS     = 0,   // by so much all sums are too large, as the form makes them
    parameter int unsigned SUM_BITS = 9
) (
    input  wire                    clk,
    input  wire  [SIMD*X_BITS-1:0] x,
    input  wire  [W_WORD-1:0]      w,
    output wire  [PE*SUM_BITS-1:0] sums,    // signed each
    output wire  [PE-1:0]          carries
);
    localparam logic [7:0] LETTER = 8'(FORM);
`ifdef BEHAVIOURAL  // simulators of whole designs take long over gates
    localparam bit MODEL = 1;
`else
    localparam bit MODEL = 0;
`endif

    // What is multiplied: -1 and 1 as two bits.
    localparam int unsigned F_BITS   = BIPOLAR ? 2 : W_BITS;
    localparam bit          F_SIGNED = BIPOLAR || W_SIGNED;
    wire [PE*SIMD*F_BITS-1:0] factors;
    if (MODEL || LETTER == "d") begin : stored_otherwise
        assign factors = '0;
        wire unused = &{1'b0, factors};
    end else if (BIPOLAR) begin : bipolar
        for (genvar i = 0; i < int'(PE*SIMD); i++) begin : lane
            assign factors[2*i +: 2] = {!w[i], 1'b1};
        end
    end else begin : plain
        assign factors = w;
    end

    if (MODEL && LETTER == "d") begin : packed_model
        assign carries = '0;
        packed_products_model #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED),
            .W_WORD(W_WORD), .LAYOUT(LAYOUT), .CYCLES(CYCLES), .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w, .sums);
    end else if (MODEL) begin : model
        assign carries = '0;
        dot_products_model #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED),
            .BIPOLAR(BIPOLAR), .CYCLES(CYCLES), .BIAS(BIAS), .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w, .sums);
    end else if (LETTER == "e") begin : table_
        assign carries = '0;
        for (genvar p = 0; p < int'(PE); p++) begin : row
            table_lanes #(
                .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(F_BITS), .W_SIGNED(F_SIGNED),
                .CELL(LAYOUT % 256), .CELL_BITS(LAYOUT / 256)
            ) lanes (.clk, .x, .w(factors[p*SIMD*F_BITS +: SIMD*F_BITS]), .sum(sums[p*SUM_BITS +: SUM_BITS]));
        end
    end else if (LETTER == "n") begin : chain
        chain_products #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(F_BITS), .W_SIGNED(F_SIGNED),
            .UNIT(LAYOUT[16]), .CHAIN({24'b0, LAYOUT[7:0]}), .BITS({24'b0, LAYOUT[15:8]}), .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w(factors), .sums, .carries);
    end else if (LETTER == "r") begin : multiplier
        assign carries = '0;
        multiplier_products #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(F_BITS), .W_SIGNED(F_SIGNED),
            .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w(factors), .sums);
    end else if (LETTER == "d") begin : packed_
        packed_products #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(W_BITS), .W_SIGNED(W_SIGNED),
            .W_WORD(W_WORD), .LAYOUT(LAYOUT), .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w, .sums, .carries);
    end else if (LETTER == "t") begin : constant
        wire unused = &{1'b0, factors};  // the graph knows them
        assign carries = '0;
        constant_products #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .SUM_BITS(SUM_BITS),
            .ADDERS(LAYOUT % (1 << 24)), .KEEP(LAYOUT >> 24), .GRAPH(GRAPH)
        ) rows (.clk, .x, .sums);
    end else begin : booth
        booth_products #(
            .PE(PE), .SIMD(SIMD), .X_BITS(X_BITS), .X_SIGNED(X_SIGNED), .W_BITS(F_BITS), .W_SIGNED(F_SIGNED),
            .SUM_BITS(SUM_BITS)
        ) rows (.clk, .x, .w(factors), .sums, .carries);
    end
endmodule

`default_nettype wire
