// What waits does so for at most CYCLES cycles on end.
`default_nettype none

module within #(
    parameter int unsigned CYCLES = 1
) (
    input wire clk,
    input wire rst_n,
    input wire waits
);
    localparam int unsigned BITS = $clog2(CYCLES + 2);
    logic [BITS-1:0] waited = '0;
    always @(posedge clk) waited <= (rst_n && waits) ? waited + 1'b1 : '0;

    always @* if (rst_n && waits) in_time: assert (waited != BITS'(CYCLES));
    if (CYCLES > 0) begin : longest
        always @* if (rst_n && waits) takes_so_long: cover (waited == BITS'(CYCLES - 1));
    end
endmodule

`default_nettype wire
