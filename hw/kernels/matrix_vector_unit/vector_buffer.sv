// Two halves of WORDS words: one takes the next vector while the other one is read, any number of times.
//
// A half is handed over whole. `full` is high while a vector can be read; word k of it shows two cycles after k;
// `done` gives the half back, and the next one, if it is full, is read in the very next cycle.
`default_nettype none

module vector_buffer #(
    parameter int unsigned WORD_BITS = 8,
    parameter int unsigned WORDS     = 4,
    parameter int unsigned K_BITS    = (WORDS > 1) ? $clog2(WORDS) : 1,
    parameter              FORM      = "block"
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire  [WORD_BITS:0]   s_data,
    input  wire                  s_valid,
    output wire                  s_ready,

    output wire                  full,
    input  wire  [K_BITS-1:0]    k,
    input  wire                  done,
    output wire  [WORD_BITS-1:0] word,
    output wire                  frame_end  // the vector that is read is its frame's last
);
    logic [1:0]        filled, ends;
    logic              write_half, read_half;
    logic [K_BITS-1:0] position;

    assign s_ready   = !filled[write_half];
    assign full      = filled[read_half];
    assign frame_end = ends[read_half];
    wire take        = s_valid && s_ready;
    wire complete    = take && position == K_BITS'(WORDS - 1);

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            filled     <= '0;
            write_half <= 1'b0;
            read_half  <= 1'b0;
            position   <= '0;
        end else begin
            for (int i = 0; i < 2; i++) begin
                if (complete && write_half == i[0]) filled[i] <= 1'b1;
                else if (done && read_half == i[0]) filled[i] <= 1'b0;
            end
            write_half <= write_half ^ complete;
            read_half  <= read_half ^ done;
            if (take) position <= complete ? '0 : position + 1'b1;
        end
    end
    always_ff @(posedge clk) if (complete) ends[write_half] <= s_data[WORD_BITS];

    ram #(.WORD_BITS(WORD_BITS), .DEPTH(2 << K_BITS), .FORM(FORM)) memory (
        .clk, .write(take), .write_address({write_half, position}), .write_data(s_data[WORD_BITS-1:0]),
        .read_address({read_half, k}), .read_data(word));
endmodule

`default_nettype wire
