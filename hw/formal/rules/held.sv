// A word that was shown and not taken is shown again, the same.
`default_nettype none

module held #(
    parameter int unsigned WORD_BITS = 1
) (
    input wire                 clk,
    input wire                 rst_n,
    input wire [WORD_BITS-1:0] data,
    input wire                 valid,
    input wire                 ready
);
    logic                 waited = 1'b0;
    logic [WORD_BITS-1:0] before;
    always @(posedge clk) begin
        waited <= rst_n && valid && !ready;
        before <= data;
    end

    always @* if (waited) begin
        valid_held: assert (valid);
        data_held:  assert (data == before);
        waits:      cover (valid && ready);
    end
endmodule

`default_nettype wire
