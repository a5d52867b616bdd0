// The accelerator as a block design takes it: plain Verilog, its interfaces named by attributes.
//
// The parameters' defaults are what the block design builds; hw/shell/axi/shell.py sets them, and takes WEIGHTS' part out
// where nothing loads weights.
`default_nettype none

module accelerator_axi #(
    parameter S_DATA_BITS  = 8,
    parameter M_DATA_BITS  = 8,
    parameter S_TDATA_BITS = 8,
    parameter M_TDATA_BITS = 8,
    parameter S_WORDS      = 0,
`ifdef WEIGHTS
    parameter START_WORDS  = 0,
    parameter PACKET_WORDS = 0,
`endif
    parameter BUILD        = 32'h00000000,
    parameter CLOCK_HZ     = 0
) (
    (* X_INTERFACE_INFO = "xilinx.com:signal:clock:1.0 aclk CLK" *)
`ifdef WEIGHTS
    (* X_INTERFACE_PARAMETER = "XIL_INTERFACENAME aclk, ASSOCIATED_BUSIF s_axis:w_axis:m_axis:s_axi, ASSOCIATED_RESET aresetn" *)
`else
    (* X_INTERFACE_PARAMETER = "XIL_INTERFACENAME aclk, ASSOCIATED_BUSIF s_axis:m_axis:s_axi, ASSOCIATED_RESET aresetn" *)
`endif
    input  wire                        aclk,
    (* X_INTERFACE_INFO = "xilinx.com:signal:reset:1.0 aresetn RST" *)
    (* X_INTERFACE_PARAMETER = "XIL_INTERFACENAME aresetn, POLARITY ACTIVE_LOW" *)
    input  wire                        aresetn,

    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TDATA" *)
    input  wire [S_TDATA_BITS-1:0]     s_axis_tdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TKEEP" *)
    input  wire [S_TDATA_BITS/8-1:0]   s_axis_tkeep,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TLAST" *)
    input  wire                        s_axis_tlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TVALID" *)
    input  wire                        s_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 s_axis TREADY" *)
    output wire                        s_axis_tready,

`ifdef WEIGHTS
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 w_axis TDATA" *)
    input  wire [63:0]                 w_axis_tdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 w_axis TKEEP" *)
    input  wire [7:0]                  w_axis_tkeep,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 w_axis TLAST" *)
    input  wire                        w_axis_tlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 w_axis TVALID" *)
    input  wire                        w_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 w_axis TREADY" *)
    output wire                        w_axis_tready,

`endif
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TDATA" *)
    output wire [M_TDATA_BITS-1:0]     m_axis_tdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TKEEP" *)
    output wire [M_TDATA_BITS/8-1:0]   m_axis_tkeep,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TLAST" *)
    output wire                        m_axis_tlast,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TVALID" *)
    output wire                        m_axis_tvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:axis:1.0 m_axis TREADY" *)
    input  wire                        m_axis_tready,

    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWADDR" *)
    (* X_INTERFACE_PARAMETER = "XIL_INTERFACENAME s_axi, ID_WIDTH 0, PROTOCOL AXI4LITE, DATA_WIDTH 32" *)
    input  wire [15:0]                 s_axi_awaddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWVALID" *)
    input  wire                        s_axi_awvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi AWREADY" *)
    output wire                        s_axi_awready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WDATA" *)
    input  wire [31:0]                 s_axi_wdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WSTRB" *)
    input  wire [3:0]                  s_axi_wstrb,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WVALID" *)
    input  wire                        s_axi_wvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi WREADY" *)
    output wire                        s_axi_wready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BRESP" *)
    output wire [1:0]                  s_axi_bresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BVALID" *)
    output wire                        s_axi_bvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi BREADY" *)
    input  wire                        s_axi_bready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARADDR" *)
    input  wire [15:0]                 s_axi_araddr,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARVALID" *)
    input  wire                        s_axi_arvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi ARREADY" *)
    output wire                        s_axi_arready,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RDATA" *)
    output wire [31:0]                 s_axi_rdata,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RRESP" *)
    output wire [1:0]                  s_axi_rresp,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RVALID" *)
    output wire                        s_axi_rvalid,
    (* X_INTERFACE_INFO = "xilinx.com:interface:aximm:1.0 s_axi RREADY" *)
    input  wire                        s_axi_rready
);
    axi_shell #(
        .S_DATA_BITS(S_DATA_BITS), .M_DATA_BITS(M_DATA_BITS),
`ifdef WEIGHTS
        .START_WORDS(START_WORDS), .PACKET_WORDS(PACKET_WORDS),
`endif
        .S_TDATA_BITS(S_TDATA_BITS), .M_TDATA_BITS(M_TDATA_BITS), .S_WORDS(S_WORDS), .ADDRESS_BITS(16),
        .BUILD(BUILD), .CLOCK_HZ(CLOCK_HZ)
    ) shell (
        .clk(aclk), .rst_n(aresetn),
        .s_tdata(s_axis_tdata), .s_tlast(s_axis_tlast), .s_tvalid(s_axis_tvalid), .s_tready(s_axis_tready),
`ifdef WEIGHTS
        .w_tdata(w_axis_tdata), .w_tlast(w_axis_tlast), .w_tvalid(w_axis_tvalid), .w_tready(w_axis_tready),
`endif
        .m_tdata(m_axis_tdata), .m_tlast(m_axis_tlast), .m_tvalid(m_axis_tvalid), .m_tready(m_axis_tready),
        .awaddr(s_axi_awaddr), .awvalid(s_axi_awvalid), .awready(s_axi_awready),
        .wdata(s_axi_wdata), .wstrb(s_axi_wstrb), .wvalid(s_axi_wvalid), .wready(s_axi_wready),
        .bresp(s_axi_bresp), .bvalid(s_axi_bvalid), .bready(s_axi_bready),
        .araddr(s_axi_araddr), .arvalid(s_axi_arvalid), .arready(s_axi_arready),
        .rdata(s_axi_rdata), .rresp(s_axi_rresp), .rvalid(s_axi_rvalid), .rready(s_axi_rready)
    );

    assign m_axis_tkeep = {(M_TDATA_BITS/8){1'b1}};

    // Frames are whole words: a byte that TKEEP drops has no place in one.
    wire unused = &{1'b0, s_axis_tkeep};
`ifdef WEIGHTS
    wire unused_too = &{1'b0, w_axis_tkeep};
`endif
endmodule

`default_nettype wire
