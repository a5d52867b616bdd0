// AXI4-Lite slave in front of 32-bit registers: one write and one read at a time, in any order of their channels.
//
// Every ready and valid is a register or the inverse of one. A write lands one cycle after both its address and its
// data are here; a read's data show two cycles after its address was taken. Every response is OKAY: a processor that
// reads an address with no register gets 0, not a bus error.
`default_nettype none

module axi_lite #(
    parameter int unsigned ADDRESS_BITS = 16
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire  [ADDRESS_BITS-1:0] awaddr,
    input  wire                     awvalid,
    output wire                     awready,
    input  wire  [31:0]             wdata,
    input  wire  [3:0]              wstrb,
    input  wire                     wvalid,
    output wire                     wready,
    output wire  [1:0]              bresp,
    output logic                    bvalid,
    input  wire                     bready,

    input  wire  [ADDRESS_BITS-1:0] araddr,
    input  wire                     arvalid,
    output wire                     arready,
    output logic [31:0]             rdata,
    output wire  [1:0]              rresp,
    output logic                    rvalid,
    input  wire                     rready,

    output wire                     write,          // high for a cycle, with the three below
    output logic [ADDRESS_BITS-3:0] write_word,     // address in words
    output logic [31:0]             write_data,
    output logic [3:0]              write_strobe,   // which bytes of the data are written
    output logic [ADDRESS_BITS-3:0] read_word,
    input  wire  [31:0]             read_data       // in the same cycle
);
    logic address_held, data_held, read_held, open;

    assign awready = open && !address_held;
    assign wready  = open && !data_held;
    assign arready = open && !read_held;
    assign bresp   = 2'b00;
    assign rresp   = 2'b00;

    assign write = address_held && data_held && !bvalid;
    wire   read  = read_held && !rvalid;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            open         <= 1'b0;
            address_held <= 1'b0;
            data_held    <= 1'b0;
            read_held    <= 1'b0;
            bvalid       <= 1'b0;
            rvalid       <= 1'b0;
        end else begin
            open         <= 1'b1;
            address_held <= (address_held || (awvalid && awready)) && !write;
            data_held    <= (data_held || (wvalid && wready)) && !write;
            bvalid       <= write || (bvalid && !bready);
            read_held    <= (read_held || (arvalid && arready)) && !(rvalid && rready);
            rvalid       <= read || (rvalid && !rready);
        end
    end

    always_ff @(posedge clk) begin
        if (awvalid && awready) write_word <= awaddr[ADDRESS_BITS-1:2];
        if (wvalid && wready) begin
            write_data   <= wdata;
            write_strobe <= wstrb;
        end
        if (arvalid && arready) read_word <= araddr[ADDRESS_BITS-1:2];
        if (read) rdata <= read_data;
    end

    // A register is a whole word: the two lowest address bits are of no account.
    wire unused = &{1'b0, awaddr[1:0], araddr[1:0]};
endmodule

`default_nettype wire
