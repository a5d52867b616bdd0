// The shell's registers, as hw/shell/registers.py lays them out.
`default_nettype none

module axi_registers #(
    parameter int unsigned WORD_BITS = 14,
    parameter logic [31:0] ID        = 32'd0,
    parameter logic [31:0] BUILD     = 32'd0,
    parameter logic [31:0] VERSION   = 32'd0
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire                  write,
    input  wire  [WORD_BITS-1:0] write_word,
    input  wire  [31:0]          write_data,
    input  wire  [3:0]           write_strobe,
    input  wire                  read,
    input  wire  [WORD_BITS-1:0] read_word,
    output logic [31:0]          read_data,

    input  wire                  frame_in,
    input  wire                  frame_out,
    input  wire                  frame_error,
    output logic                 soft_reset
);
    logic        error;
    logic [31:0] frames_in, frames_out, cycles;

    // Only whole addresses below 32 bytes are registers; a byte that is not strobed is not written.
    wire write_here    = write && write_word[WORD_BITS-1:3] == '0 && write_strobe[0];
    wire write_control = write_here && write_word[2:0] == 3'd3;
    wire write_errors  = write_here && write_word[2:0] == 3'd4;

    always_ff @(posedge clk) begin
        if (!rst_n) soft_reset <= 1'b0;
        else if (write_control) soft_reset <= write_data[0];
    end

    always_ff @(posedge clk) begin
        if (!rst_n || soft_reset) begin
            error      <= 1'b0;
            frames_in  <= '0;
            frames_out <= '0;
            cycles     <= '0;
        end else begin
            error      <= frame_error || (error && !(write_errors && write_data[0]));
            frames_in  <= frames_in + 32'(frame_in);
            frames_out <= frames_out + 32'(frame_out);
            cycles     <= cycles + 32'd1;
        end
    end

    always_comb begin
        case (read_word[2:0])
            3'd0: read_data = ID;
            3'd1: read_data = BUILD;
            3'd2: read_data = VERSION;
            3'd3: read_data = {31'd0, soft_reset};
            3'd4: read_data = {31'd0, error};
            3'd5: read_data = frames_in;
            3'd6: read_data = frames_out;
            default: read_data = cycles;
        endcase
        if (read_word[WORD_BITS-1:3] != '0) read_data = 32'd0;
    end

    wire unused = &{1'b0, read, write_data[31:1], write_strobe[3:1]};
endmodule

`default_nettype wire
