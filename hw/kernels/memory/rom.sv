// A read-only memory: the data of an address shows two cycles later, every cycle.
//
// The first register is the block RAM's own output register, the second one lies in the fabric, because a block RAM's
// clock-to-output time leaves little of a cycle for logic. FORM "lut" builds it of logic, "block" of block RAM.
`default_nettype none

module rom #(
    parameter int unsigned WORD_BITS    = 8,
    parameter int unsigned DEPTH        = 16,
    parameter int unsigned ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1,
    parameter              FORM         = "block",
    parameter              FILE         = ""
) (
    input  wire                      clk,
    input  wire  [ADDRESS_BITS-1:0]  address,
    output logic [WORD_BITS-1:0]     data
);
    logic [WORD_BITS-1:0] read;

    // "lut" ends in another letter than "block": a comparison of whole strings of different lengths draws a warning.
    localparam logic [7:0] LETTER = 8'(FORM);
    if (LETTER == "k") begin : block
        (* rom_style = "block", ram_style = "block" *) logic [WORD_BITS-1:0] mem[DEPTH];
        initial $readmemh(FILE, mem);
        always_ff @(posedge clk) read <= mem[address];
    end else begin : lut
        (* rom_style = "distributed", ram_style = "logic" *) logic [WORD_BITS-1:0] mem[DEPTH];
        initial $readmemh(FILE, mem);
        always_ff @(posedge clk) read <= mem[address];
    end

    always_ff @(posedge clk) data <= read;
endmodule

`default_nettype wire
