// Holds up to DEPTH words between two streams, DEPTH of at least 3; a register_slice serves below.
//
// FORM "lut" is distributed RAM: a word shows two cycles after it was taken. FORM "block" is block RAM, whose data passes
// one more register, because its clock-to-output time leaves little of a cycle for logic: three cycles. The registers
// behind the memory count towards DEPTH. A word a cycle. The memory never reads the word that it writes, which spares the
// comparators that would define what it reads then.
`default_nettype none

module stream_fifo #(
    parameter int unsigned WORD_BITS = 9,  // a word's data and its `last`
    parameter int unsigned DEPTH     = 16,
    parameter              FORM      = "lut"
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire  [WORD_BITS-1:0] s_data,
    input  wire                  s_valid,
    output wire                  s_ready,

    output logic [WORD_BITS-1:0] m_data,
    output logic                 m_valid,
    input  wire                  m_ready
);
    // "lut" ends in another letter than "block": a comparison of whole strings of different lengths draws a warning.
    localparam logic [7:0]  LETTER       = 8'(FORM);
    localparam int unsigned WORDS        = (LETTER == "k") ? DEPTH - 2 : DEPTH - 1;
    localparam int unsigned ADDRESS_BITS = (WORDS > 1) ? $clog2(WORDS) : 1;
    localparam bit WRAPS = 2**ADDRESS_BITS == WORDS;  // an address that overflows begins again by itself
    localparam logic [ADDRESS_BITS-1:0] END = ADDRESS_BITS'(WORDS - 1);

    logic [ADDRESS_BITS-1:0] write_address, read_address;
    logic                    grew;  // the last change was a word in, so that equal addresses mean full, not empty
    wire same    = write_address == read_address;
    wire filled  = !same || grew;
    wire show    = !m_valid || m_ready;  // the output register takes a word
    wire read;
    assign s_ready = !same || !grew;
    wire   write   = s_valid && s_ready;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            write_address <= '0;
            read_address  <= '0;
            grew          <= 1'b0;
        end else begin
            if (write) write_address <= (!WRAPS && write_address == END) ? '0 : write_address + 1'b1;
            if (read)  read_address  <= (!WRAPS && read_address == END) ? '0 : read_address + 1'b1;
            if (write != read) grew <= write;
        end
    end

    if (LETTER == "k") begin : block
        (* ram_style = "block", no_rw_check *) logic [WORD_BITS-1:0] mem[WORDS];
        logic [WORD_BITS-1:0] word;
        logic                 word_valid;
        assign read = filled && (!word_valid || show);

        always_ff @(posedge clk) if (write) mem[write_address] <= s_data;
        always_ff @(posedge clk) if (read) word <= mem[read_address];
        always_ff @(posedge clk) if (show) m_data <= word;
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                word_valid <= 1'b0;
                m_valid    <= 1'b0;
            end else begin
                word_valid <= filled || (word_valid && !show);
                m_valid    <= word_valid || !show;
            end
        end
    end else begin : lut
        (* ram_style = "distributed", no_rw_check *) logic [WORD_BITS-1:0] mem[WORDS];
        assign read = filled && show;

        always_ff @(posedge clk) if (write) mem[write_address] <= s_data;
        always_ff @(posedge clk) if (show) m_data <= mem[read_address];
        always_ff @(posedge clk) m_valid <= rst_n && (filled || !show);
    end
endmodule

`default_nettype wire
