// ULX3S: oscillator, PLL, reset and the accelerator in its UART shell.
//
// In simulation (SIMULATION defined) the oscillator is the accelerator's clock.
`default_nettype none

module ulx3s_top #(
    parameter int unsigned S_BITS    = 33,
    parameter int unsigned M_BITS    = 17,
    parameter int unsigned EIGHTHS   = 167,
    parameter int unsigned CLOCK_HZ  = 62500000,
    parameter int unsigned BUILD     = 0,
    parameter int unsigned CLKI_DIV  = 2,
    parameter int unsigned CLKFB_DIV = 5,
    parameter int unsigned CLKOP_DIV = 10
) (
    input  wire        clk_25mhz,
    input  wire        btn_reset,
    input  wire        ftdi_txd,  // the USB chip sends
    output wire        ftdi_rxd,  // the USB chip receives
    output wire  [7:0] led
);
    wire clk, locked;
`ifdef SIMULATION
    assign clk = clk_25mhz;
    assign locked = 1'b1;
`else
    (* FREQUENCY_PIN_CLKI = "25", ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1",
       MFG_GMCREF_SEL = "2" *)
    EHXPLLL #(
        .CLKI_DIV(CLKI_DIV), .CLKFB_DIV(CLKFB_DIV), .CLKOP_DIV(CLKOP_DIV), .CLKOP_CPHASE(CLKOP_DIV / 2),
        .CLKOP_FPHASE(0), .CLKOP_ENABLE("ENABLED"), .FEEDBK_PATH("CLKOP"), .OUTDIVIDER_MUXA("DIVA"),
        .OUTDIVIDER_MUXB("DIVB"), .OUTDIVIDER_MUXC("DIVC"), .OUTDIVIDER_MUXD("DIVD"), .PLLRST_ENA("DISABLED"),
        .INTFB_WAKE("DISABLED"), .STDBY_ENABLE("DISABLED"), .DPHASE_SOURCE("DISABLED")
    ) u_pll (
        .CLKI(clk_25mhz), .CLKOP(clk), .CLKFB(clk), .LOCK(locked), .RST(1'b0), .STDBY(1'b0), .PHASESEL0(1'b0),
        .PHASESEL1(1'b0), .PHASEDIR(1'b1), .PHASESTEP(1'b1), .PHASELOADREG(1'b1), .PLLWAKESYNC(1'b0), .ENCLKOP(1'b0)
    );
`endif

    // The button and the lock are asynchronous: two stages, then a stretch.
    logic [7:0] settled;
    logic       rst_n;
    always_ff @(posedge clk) begin
        settled <= {settled[6:0], locked && !btn_reset};
        rst_n   <= &settled[7:1];
    end

    wire [S_BITS-1:0] s_data;
    wire [M_BITS-1:0] m_data;
    wire [3:0]        frames_low;
    wire              accelerator_rst_n, s_valid, s_ready, m_valid, m_ready, frame_error, any_error;
    uart_shell #(
        .S_BITS(S_BITS), .M_BITS(M_BITS), .EIGHTHS(EIGHTHS), .CLOCK_HZ(CLOCK_HZ), .BUILD(BUILD)
    ) u_shell (
        .clk, .rst_n, .rxd(ftdi_txd), .txd(ftdi_rxd), .accelerator_rst_n, .s_data, .s_valid, .s_ready, .m_data,
        .m_valid, .m_ready, .frame_error, .any_error, .frames_low
    );
    accelerator u_accelerator (
        .clk, .rst_n(accelerator_rst_n), .s_data, .s_valid, .s_ready, .m_data, .m_valid, .m_ready, .frame_error
    );
    assign led = {frames_low, 1'b0, any_error, accelerator_rst_n, locked};
endmodule

`default_nettype wire
