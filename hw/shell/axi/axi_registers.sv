// The shell's registers, as hw/shell/registers.py lays them out, at four times their index.
`default_nettype none

module axi_registers #(
    parameter int unsigned WORD_BITS = 14,
    parameter logic [31:0] BUILD     = 32'd0,
    parameter logic [31:0] CLOCK_HZ  = 32'd0
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire                  write,
    input  wire  [WORD_BITS-1:0] write_word,
    input  wire  [31:0]          write_data,
    input  wire  [3:0]           write_strobe,
    input  wire  [WORD_BITS-1:0] read_word,
    output logic [31:0]          read_data,

    input  wire                  frame_in,      // each for a cycle
    input  wire                  frame_out,
    input  wire                  frame_error,
`ifdef WEIGHTS
    input  wire                  weights_packet,
    input  wire                  weights_cut,
`endif
    output logic                 run            // low while the accelerator is to be in reset
);
`include "registers.svh"

    logic        error;
    logic [31:0] frames_in, frames_out, cycles;
    logic [3:0]  resetting;    // cycles that a reset still lasts

    wire control = write && write_word == WORD_BITS'(REG_CONTROL) && write_strobe[0];
    wire clear   = control && write_data[CONTROL_CLEAR];

    always_ff @(posedge clk) begin
        if (!rst_n || (control && write_data[CONTROL_RESET])) resetting <= '1;
        else if (!run) resetting <= resetting - 4'd1;
    end
    assign run = resetting == '0;

    always_ff @(posedge clk) begin
        if (!rst_n || clear) begin
            error      <= 1'b0;
            frames_in  <= '0;
            frames_out <= '0;
            cycles     <= '0;
        end else begin
            error      <= error || frame_error;
            frames_in  <= frames_in + 32'(frame_in);
            frames_out <= frames_out + 32'(frame_out);
            cycles     <= cycles + 32'd1;
        end
    end

`ifdef WEIGHTS
    logic [31:0] loaded;
    logic        weights_error;
    always_ff @(posedge clk) begin
        loaded        <= run ? loaded + 32'(weights_packet) : '0;
        weights_error <= rst_n && !clear && (weights_error || weights_cut);
    end
    wire [31:0] errors = 32'(error) << ERRORS_FRAME | 32'(weights_error) << ERRORS_WEIGHTS;
`else
    wire [31:0] errors = 32'(error) << ERRORS_FRAME;
`endif

    always_comb begin
        case (read_word)
            WORD_BITS'(REG_MAGIC):      read_data = MAGIC;
            WORD_BITS'(REG_BUILD):      read_data = BUILD;
            WORD_BITS'(REG_VERSION):    read_data = VERSION;
            WORD_BITS'(REG_CLOCK_HZ):   read_data = CLOCK_HZ;
            WORD_BITS'(REG_FRAMES_IN):  read_data = frames_in;
            WORD_BITS'(REG_FRAMES_OUT): read_data = frames_out;
            WORD_BITS'(REG_CYCLES):     read_data = cycles;
            WORD_BITS'(REG_ERRORS):     read_data = errors;
`ifdef WEIGHTS
            WORD_BITS'(REG_LOADED):     read_data = loaded;
`endif
            default:                    read_data = 32'd0;
        endcase
    end

    wire unused = &{1'b0, write_data, write_strobe};
endmodule

`default_nettype wire
