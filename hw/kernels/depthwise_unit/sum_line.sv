// Words that go round: each word written shows again WORDS writes later, or zeros where a new sum begins.
//
// Up to 4 words are registers: `write` moves them on, and a word that is `done` is written as zeros, which costs no
// logic. More are a RAM that runs freely: `read` comes two cycles before the word is needed and written back, and
// `clear` one cycle before, as the reset of the register behind the RAM.
`default_nettype none

module sum_line #(
    parameter int unsigned WORD_BITS = 8,
    parameter int unsigned WORDS     = 5,
    parameter              FORM      = "lut"
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire                  read,
    input  wire                  clear,
    output wire  [WORD_BITS-1:0] word,
    input  wire                  write,
    input  wire  [WORD_BITS-1:0] sums,
    input  wire                  done
);
    if (WORDS <= 4) begin : registers
        logic [WORD_BITS-1:0] held[WORDS];
        assign word = held[0];
        for (genvar i = 0; i < int'(WORDS) - 1; i++) begin : place
            always_ff @(posedge clk) begin
                if (!rst_n)     held[i] <= '0;
                else if (write) held[i] <= held[i+1];
            end
        end
        always_ff @(posedge clk) begin
            if (!rst_n || (write && done)) held[WORDS-1] <= '0;
            else if (write)                held[WORDS-1] <= sums;
        end
        wire unused = &{1'b0, read, clear};
    end else begin : memory
        localparam int unsigned BITS = $clog2(WORDS);
        logic [BITS-1:0]      address, waiting, written;
        logic [WORD_BITS-1:0] stored, shown;
        assign word = shown;
        always_ff @(posedge clk) begin
            if (!rst_n)    address <= '0;
            else if (read) address <= (address == BITS'(WORDS - 1)) ? '0 : address + 1'b1;
        end
        always_ff @(posedge clk) begin
            waiting <= address;
            written <= waiting;
        end
        // "lut" ends in another letter than "block": a comparison of whole strings of different lengths draws a warning.
        localparam logic [7:0] LETTER = 8'(FORM);
        if (LETTER == "k") begin : block
            (* ram_style = "block", no_rw_check *) logic [WORD_BITS-1:0] mem[WORDS];
            always_ff @(posedge clk) if (write) mem[written] <= sums;
            always_ff @(posedge clk) stored <= mem[address];
        end else begin : lut
            (* ram_style = "distributed", no_rw_check *) logic [WORD_BITS-1:0] mem[WORDS];
            always_ff @(posedge clk) if (write) mem[written] <= sums;
            always_ff @(posedge clk) stored <= mem[address];
        end
        always_ff @(posedge clk) shown <= clear ? '0 : stored;
        wire unused = &{1'b0, done};
    end
endmodule

`default_nettype wire
