// Sends bytes of 8 data bits, no parity, one stop bit; a bit takes EIGHTHS eighths of a clock, as in uart_rx.
`default_nettype none

module uart_tx #(
    parameter int unsigned EIGHTHS = 167
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire  [7:0] data,
    input  wire        valid,
    output logic       ready,
    output wire        txd
);
    localparam int unsigned TIMER_BITS = $clog2(EIGHTHS + 8);
    localparam logic [TIMER_BITS-1:0] RELOAD = TIMER_BITS'(EIGHTHS - 8);

    logic [8:0]            shift;  // what is left to send, the line's bit lowest
    logic [3:0]            left;   // bits, after the line's
    logic [TIMER_BITS-1:0] timer;
    wire                   tick = timer[TIMER_BITS-1:3] == '0;
    assign txd = shift[0];

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            ready <= 1'b1;
            shift <= '1;
        end else if (ready) begin
            timer <= RELOAD;
            left  <= 4'd9;
            if (valid) begin
                ready <= 1'b0;
                shift <= {data, 1'b0};
            end
        end else if (tick) begin
            timer <= timer + RELOAD;
            left  <= left - 4'd1;
            shift <= {1'b1, shift[8:1]};
            ready <= left == 4'd0;
        end else begin
            timer <= timer - TIMER_BITS'(8);
        end
    end
endmodule

`default_nettype wire
