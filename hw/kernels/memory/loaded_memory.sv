// A memory whose words come through the weight-load port: the data of an address shows two cycles later, as of a ROM.
//
// It takes its own 64-bit words of a packet and passes the others on, behind one register slice. A row of the memory
// holds PACK words of the reader and comes in as few words of the port as hold it, the low bits first.
//
// EACH_FRAME = 0: SETS sets come once, after a reset, and stay; `there` is high from then on. EACH_FRAME = 1: SETS is 2,
// the halves of a double buffer; each packet brings a set, which is taken into one half while the other is read.
// `there` says that the half to be read is filled, `done` gives it back, and the next one, if it is filled, is read in
// the very next cycle. With START_PACKET the first packet after a reset is for kernels behind this one.
`default_nettype none

module loaded_memory #(
    parameter int unsigned WORD_BITS    = 8,
    parameter int unsigned DEPTH        = 16,  // words of a set
    parameter int unsigned SETS         = 1,
    parameter int unsigned PACK         = 1,   // words of a row, a power of two that divides DEPTH
    parameter bit          EACH_FRAME   = 0,
    parameter bit          START_PACKET = 0,
    parameter              FORM         = "block",
    parameter int unsigned ADDRESS_BITS = (SETS * DEPTH > 1) ? $clog2(SETS * DEPTH) : 1
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [64:0]             w_data,  // {last, 64 bits}
    input  wire                     w_valid,
    output wire                     w_ready,

    output wire  [64:0]             n_data,
    output wire                     n_valid,
    input  wire                     n_ready,

    output wire                     there,
    input  wire                     done,     // only while `there`
    input  wire  [ADDRESS_BITS-1:0] address,  // of all sets, one behind the other
    output wire  [WORD_BITS-1:0]    data
);
    localparam int unsigned ROW_BITS = PACK * WORD_BITS;
    localparam int unsigned ROWS     = DEPTH / PACK;        // of a set
    localparam int unsigned ALL      = SETS * ROWS;
    localparam int unsigned R        = (ALL > 1) ? $clog2(ALL) : 1;
    localparam int unsigned PIECES   = (ROW_BITS + 63) / 64;  // words of the port to a row
    localparam int unsigned REST     = ROW_BITS - 64 * (PIECES - 1);

    wire [64:0] word;
    wire        word_valid, word_ready;
    register_slice #(.WORD_BITS(65)) slice (
        .clk, .rst_n, .s_data(w_data), .s_valid(w_valid), .s_ready(w_ready),
        .m_data(word), .m_valid(word_valid), .m_ready(word_ready));

    logic         passing;  // what comes is for those behind
    logic [R-1:0] row;
    wire          room, piece_last, set_last, row_last;
    assign n_data     = word;
    assign n_valid    = word_valid && passing;
    assign word_ready = passing ? n_ready : room;
    wire   take       = word_valid && room && !passing;
    wire   write      = take && piece_last;
    wire   complete   = write && set_last;
    assign row_last   = row == R'(ALL - 1);

    always_ff @(posedge clk) begin
        if (!rst_n) row <= '0;
        else if (write) row <= row_last ? '0 : row + 1'b1;
    end

    if (EACH_FRAME) begin : each_frame
        logic [1:0] filled;
        logic       write_half, read_half;
        assign room     = !filled[write_half];
        assign there    = filled[read_half];
        assign set_last = row == (write_half ? R'(ALL - 1) : R'(ROWS - 1));
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                passing    <= START_PACKET;
                filled     <= '0;
                write_half <= 1'b0;
                read_half  <= 1'b0;
            end else begin
                if (complete || (passing && word_valid && n_ready && word[64])) passing <= !word[64];
                for (int i = 0; i < 2; i++) begin
                    if (complete && write_half == i[0]) filled[i] <= 1'b1;
                    else if (done && read_half == i[0]) filled[i] <= 1'b0;
                end
                write_half <= write_half ^ complete;
                read_half  <= read_half ^ done;
            end
        end
    end else begin : once
        assign room     = 1'b1;
        assign there    = passing;
        assign set_last = row_last;
        always_ff @(posedge clk) begin
            if (!rst_n) passing <= 1'b0;
            else if (complete) passing <= 1'b1;
        end
        wire unused = &{1'b0, done};
    end

    wire [ROW_BITS-1:0] whole;
    if (PIECES == 1) begin : at_once
        assign piece_last = 1'b1;
        assign whole      = word[ROW_BITS-1:0];
    end else begin : in_pieces
        logic [64*(PIECES-1)-1:0]    held;
        logic [$clog2(PIECES)-1:0]   piece;
        assign piece_last = piece == $clog2(PIECES)'(PIECES - 1);
        assign whole      = {word[REST-1:0], held};
        always_ff @(posedge clk) begin
            if (!rst_n) piece <= '0;
            else if (take) piece <= piece_last ? '0 : piece + 1'b1;
        end
        always_ff @(posedge clk) if (take) held <= (64*(PIECES-1))'({word[63:0], held} >> 64);
    end

    ram #(.WORD_BITS(ROW_BITS), .DEPTH(ALL), .PACK(PACK), .FORM(FORM)) memory (
        .clk, .write, .write_address(row), .write_data(whole), .read_address(address), .read_data(data));
endmodule

`default_nettype wire
