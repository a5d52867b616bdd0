// A memory with one write port and one read port: the data of an address shows two cycles later, every cycle.
//
// Its user never reads a word in the cycle in which it is written: what shows then is undefined, which spares the
// comparators that would define it. FORM "block" is block RAM (its output register, then one in the fabric), "lut" is
// distributed RAM.
`default_nettype none

module ram #(
    parameter int unsigned WORD_BITS    = 8,
    parameter int unsigned DEPTH        = 16,
    parameter int unsigned ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1,
    parameter              FORM         = "block"
) (
    input  wire                      clk,
    input  wire                      write,
    input  wire  [ADDRESS_BITS-1:0]  write_address,
    input  wire  [WORD_BITS-1:0]     write_data,
    input  wire  [ADDRESS_BITS-1:0]  read_address,
    output logic [WORD_BITS-1:0]     read_data
);
    logic [WORD_BITS-1:0] read;

    // "lut" ends in another letter than "block": a comparison of whole strings of different lengths draws a warning.
    localparam logic [7:0] LETTER = 8'(FORM);
    if (LETTER == "k") begin : block
        (* ram_style = "block", no_rw_check *) logic [WORD_BITS-1:0] mem[DEPTH];
        always_ff @(posedge clk) if (write) mem[write_address] <= write_data;
        always_ff @(posedge clk) read <= mem[read_address];
    end else begin : lut
        (* ram_style = "distributed", no_rw_check *) logic [WORD_BITS-1:0] mem[DEPTH];
        always_ff @(posedge clk) if (write) mem[write_address] <= write_data;
        always_ff @(posedge clk) read <= mem[read_address];
    end

    always_ff @(posedge clk) read_data <= read;
endmodule

`default_nettype wire
