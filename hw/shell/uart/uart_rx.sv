// Receives bytes of 8 data bits, no parity, one stop bit.
//
// A bit takes EIGHTHS eighths of a clock, at least 32: the timer counts down in steps of eight, so that a baud rate that
// doesn't divide the clock is met to an eighth of a clock a bit, and the error does not add up over a byte.
`default_nettype none

module uart_rx #(
    parameter int unsigned EIGHTHS = 167
) (
    input  wire        clk,
    input  wire        rst_n,
    input  wire        rxd,
    output logic [7:0] data,
    output logic       valid,    // for a cycle
    output logic       no_stop   // for a cycle, instead of valid: the stop bit was low
);
    localparam int unsigned TIMER_BITS = $clog2(EIGHTHS + 8);
    localparam logic [TIMER_BITS-1:0] HALF = TIMER_BITS'(EIGHTHS / 2);
    localparam logic [TIMER_BITS-1:0] RELOAD = TIMER_BITS'(EIGHTHS - 8);

    logic [2:0]            line;  // two synchronizer stages and the bit in use
    logic [3:0]            index; // 0: start bit, 1 to 8: data, 9: stop bit
    logic                  busy;
    logic [TIMER_BITS-1:0] timer;
    wire                   tick = timer[TIMER_BITS-1:3] == '0;

    always_ff @(posedge clk) begin
        line    <= {line[1:0], rxd};
        valid   <= 1'b0;
        no_stop <= 1'b0;
        if (!rst_n) begin
            busy <= 1'b0;
        end else if (!busy) begin
            timer <= HALF;
            index <= '0;
            busy  <= !line[2];
        end else if (tick) begin
            timer <= timer + RELOAD;
            index <= index + 4'd1;
            if (index == 4'd0) begin
                busy <= !line[2];
            end else if (index == 4'd9) begin
                busy    <= 1'b0;
                valid   <= line[2];
                no_stop <= !line[2];
            end else begin
                data <= {line[2], data[7:1]};
            end
        end else begin
            timer <= timer - TIMER_BITS'(8);
        end
    end
endmodule

`default_nettype wire
