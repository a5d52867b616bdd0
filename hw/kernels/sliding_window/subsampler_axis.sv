// One axis of a subsampler: which of LENGTH positions are kept, every STRIDE-th, and which of them is the last.
`default_nettype none

module subsampler_axis #(
    parameter int unsigned LENGTH = 8,
    parameter int unsigned STRIDE = 2,
    parameter int unsigned KEPT   = 4
) (
    input  wire clk,
    input  wire rst_n,
    input  wire step,
    output wire kept,
    output wire kept_last,
    output wire at_end
);
    localparam int P = STRIDE > 1 ? $clog2(STRIDE) : 1;
    localparam int K = KEPT > 1 ? $clog2(KEPT) : 1;
    logic [P-1:0] phase;
    logic [K-1:0] index;
    wire phase_last = STRIDE == 1 || phase == P'(STRIDE - 1);
    wire index_last = KEPT == 1 || index == K'(KEPT - 1);
    assign kept      = phase == '0;
    assign kept_last = kept && index_last;
    assign at_end    = index_last && phase == P'((LENGTH - 1) % STRIDE);
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            phase <= '0;
            index <= '0;
        end else if (step) begin
            phase <= at_end || phase_last ? '0 : phase + 1'b1;
            if (at_end)          index <= '0;
            else if (phase_last) index <= index + 1'b1;
        end
    end
endmodule

`default_nettype wire
