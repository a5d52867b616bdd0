// The accelerator between AXI4-Stream and AXI4-Lite: a stream in, a stream out, and registers.
//
// Streams: a beat carries one word. TDATA is the word's data, lane 0 in the lowest bits, above it zeros (out) or bits of
// no account (in). TLAST ends a transfer of one frame or more, see axi_transfers. Every byte of a beat counts: TKEEP is
// all ones at the output and ignored at the input. Registered on both sides; a word a cycle.
//
// Weights, where the accelerator loads any: a second stream in, see axi_weights.
//
// Registers: see hw/shell/registers.py. A reset by CONTROL empties the streams' registers too and drops what the output
// was showing, so whoever sends and takes words is to be stopped first.
`default_nettype none

module axi_shell #(
    parameter int unsigned S_DATA_BITS  = 8,   // a word's data, without `last`
    parameter int unsigned M_DATA_BITS  = 8,
    parameter int unsigned S_TDATA_BITS = 8,   // the beat that carries it: 8, 16, 32, 64 or 128
    parameter int unsigned M_TDATA_BITS = 8,
    parameter int unsigned S_WORDS      = 0,   // words of an input frame; 0: a frame ends at TLAST only
`ifdef WEIGHTS
    parameter int unsigned START_WORDS  = 0,   // of the weights' first packet
    parameter int unsigned PACKET_WORDS = 0,   // of every other
`endif
    parameter int unsigned ADDRESS_BITS = 16,
    parameter logic [31:0] BUILD        = 32'd0,
    parameter logic [31:0] CLOCK_HZ     = 32'd0
) (
    input  wire                      clk,
    input  wire                      rst_n,

    input  wire  [S_TDATA_BITS-1:0]  s_tdata,
    input  wire                      s_tlast,
    input  wire                      s_tvalid,
    output wire                      s_tready,

`ifdef WEIGHTS
    input  wire  [63:0]              w_tdata,
    input  wire                      w_tlast,
    input  wire                      w_tvalid,
    output wire                      w_tready,

`endif
    output wire  [M_TDATA_BITS-1:0]  m_tdata,
    output wire                      m_tlast,
    output wire                      m_tvalid,
    input  wire                      m_tready,

    input  wire  [ADDRESS_BITS-1:0]  awaddr,
    input  wire                      awvalid,
    output wire                      awready,
    input  wire  [31:0]              wdata,
    input  wire  [3:0]               wstrb,
    input  wire                      wvalid,
    output wire                      wready,
    output wire  [1:0]               bresp,
    output wire                      bvalid,
    input  wire                      bready,
    input  wire  [ADDRESS_BITS-1:0]  araddr,
    input  wire                      arvalid,
    output wire                      arready,
    output wire  [31:0]              rdata,
    output wire  [1:0]               rresp,
    output wire                      rvalid,
    input  wire                      rready
);
    wire                    write, run;
    wire [ADDRESS_BITS-3:0] write_word, read_word;
    wire [31:0]             write_data, read_data;
    wire [3:0]              write_strobe;

    axi_lite #(.ADDRESS_BITS(ADDRESS_BITS)) bus (
        .clk(clk), .rst_n(rst_n),
        .awaddr(awaddr), .awvalid(awvalid), .awready(awready),
        .wdata(wdata), .wstrb(wstrb), .wvalid(wvalid), .wready(wready),
        .bresp(bresp), .bvalid(bvalid), .bready(bready),
        .araddr(araddr), .arvalid(arvalid), .arready(arready),
        .rdata(rdata), .rresp(rresp), .rvalid(rvalid), .rready(rready),
        .write(write), .write_word(write_word), .write_data(write_data), .write_strobe(write_strobe),
        .read_word(read_word), .read_data(read_data)
    );

    // The accelerator's reset: a register, so that its many loads do not hang on the register file's.
    logic core_rst_n;
    always_ff @(posedge clk) core_rst_n <= run;

    wire [S_DATA_BITS:0] in_data;
    wire                 in_valid, in_ready;
    axi_stream_register #(.WORD_BITS(S_DATA_BITS + 1)) into (
        .clk(clk), .rst_n(core_rst_n),
        .s_data({s_tlast, s_tdata[S_DATA_BITS-1:0]}), .s_valid(s_tvalid), .s_ready(s_tready),
        .m_data(in_data), .m_valid(in_valid), .m_ready(in_ready)
    );

`ifdef WEIGHTS
    wire [64:0] w_data;
    wire        w_valid, w_ready, weights_packet, weights_cut;
    axi_weights #(.START_WORDS(START_WORDS), .PACKET_WORDS(PACKET_WORDS)) weights (
        .clk(clk), .rst_n(core_rst_n),
        .tdata(w_tdata), .tlast(w_tlast), .tvalid(w_tvalid), .tready(w_tready),
        .w_data(w_data), .w_valid(w_valid), .w_ready(w_ready), .packet(weights_packet), .cut(weights_cut)
    );

`endif
    wire                 a_last, a_valid, a_ready, b_valid, b_ready, frame_error;
    wire [M_DATA_BITS:0] b_data;
    accelerator core (
        .clk(clk), .rst_n(core_rst_n),
        .s_data({a_last, in_data[S_DATA_BITS-1:0]}), .s_valid(a_valid), .s_ready(a_ready),
        .m_data(b_data), .m_valid(b_valid), .m_ready(b_ready),
`ifdef WEIGHTS
        .w_data(w_data), .w_valid(w_valid), .w_ready(w_ready),
`endif
        .frame_error(frame_error)
    );

    wire [M_DATA_BITS:0] out_data;
    wire                 out_valid, out_ready;
    axi_stream_register #(.WORD_BITS(M_DATA_BITS + 1)) out (
        .clk(clk), .rst_n(core_rst_n),
        .s_data(b_data), .s_valid(b_valid), .s_ready(b_ready),
        .m_data(out_data), .m_valid(out_valid), .m_ready(out_ready)
    );

    axi_transfers #(.S_WORDS(S_WORDS)) transfers (
        .clk(clk), .rst_n(core_rst_n),
        .s_tlast(in_data[S_DATA_BITS]), .s_valid(in_valid), .s_ready(in_ready),
        .core_s_last(a_last), .core_s_valid(a_valid), .core_s_ready(a_ready),
        .core_m_last(out_data[M_DATA_BITS]), .core_m_valid(out_valid), .core_m_ready(out_ready),
        .m_tlast(m_tlast), .m_valid(m_tvalid), .m_ready(m_tready)
    );
    if (M_TDATA_BITS > M_DATA_BITS) begin : pad
        assign m_tdata = {{(M_TDATA_BITS - M_DATA_BITS){1'b0}}, out_data[M_DATA_BITS-1:0]};
    end else begin : full
        assign m_tdata = out_data[M_DATA_BITS-1:0];
    end

    axi_registers #(.WORD_BITS(ADDRESS_BITS - 2), .BUILD(BUILD), .CLOCK_HZ(CLOCK_HZ)) registers (
        .clk(clk), .rst_n(rst_n),
        .write(write), .write_word(write_word), .write_data(write_data), .write_strobe(write_strobe),
        .read_word(read_word), .read_data(read_data),
        .frame_in(a_valid && a_ready && a_last),
        .frame_out(b_valid && b_ready && b_data[M_DATA_BITS]),
        .frame_error(frame_error),
`ifdef WEIGHTS
        .weights_packet(weights_packet),
        .weights_cut(weights_cut),
`endif
        .run(run)
    );

    wire unused = &{1'b0, s_tdata};
endmodule

`default_nettype wire
