// A memory with one write port and one read port: the data of an address shows two cycles later, every cycle.
//
// Its user never reads a word in the cycle in which it is written: what shows then is undefined, which spares the
// comparators that would define it. FORM "block" is block RAM (its output register, then one in the fabric), "lut" is
// distributed RAM, "ultra" is ultra RAM. With PACK a word that is written is as many that are read, the first in the
// lowest bits: the register in the fabric takes that one.
`default_nettype none

module ram #(
    parameter int unsigned WORD_BITS    = 8,   // written
    parameter int unsigned DEPTH        = 16,  // of these
    parameter int unsigned PACK         = 1,   // a power of two
    parameter int unsigned ADDRESS_BITS = (DEPTH > 1) ? $clog2(DEPTH) : 1,
    parameter              FORM         = "block",
    parameter int unsigned READ_BITS    = (PACK * DEPTH > 1) ? $clog2(PACK * DEPTH) : 1  // of the address
) (
    input  wire                       clk,
    input  wire                       write,
    input  wire  [ADDRESS_BITS-1:0]   write_address,
    input  wire  [WORD_BITS-1:0]      write_data,
    input  wire  [READ_BITS-1:0]      read_address,
    output logic [WORD_BITS/PACK-1:0] read_data
);
    localparam int unsigned PLACE = (PACK > 1) ? $clog2(PACK) : 1;
    wire  [ADDRESS_BITS-1:0] row = (PACK > 1) ? ADDRESS_BITS'(read_address >> PLACE) : ADDRESS_BITS'(read_address);
    logic [WORD_BITS-1:0]    read;

    // The forms end in different letters: a comparison of whole strings of different lengths draws a warning.
    localparam logic [7:0] LETTER = 8'(FORM);
    if (LETTER == "k") begin : block
        (* ram_style = "block", no_rw_check *) logic [WORD_BITS-1:0] mem[DEPTH];
        always_ff @(posedge clk) if (write) mem[write_address] <= write_data;
        always_ff @(posedge clk) read <= mem[row];
    end else if (LETTER == "a") begin : ultra
        (* ram_style = "ultra", no_rw_check *) logic [WORD_BITS-1:0] mem[DEPTH];
        always_ff @(posedge clk) if (write) mem[write_address] <= write_data;
        always_ff @(posedge clk) read <= mem[row];
    end else begin : lut
        (* ram_style = "distributed", no_rw_check *) logic [WORD_BITS-1:0] mem[DEPTH];
        always_ff @(posedge clk) if (write) mem[write_address] <= write_data;
        always_ff @(posedge clk) read <= mem[row];
    end

    if (PACK > 1) begin : one_of_a_row
        logic [PLACE-1:0] place;
        always_ff @(posedge clk) begin
            place     <= read_address[PLACE-1:0];
            read_data <= read[place*(WORD_BITS/PACK) +: WORD_BITS/PACK];
        end
    end else begin : whole
        always_ff @(posedge clk) read_data <= read;
    end
endmodule

`default_nettype wire
