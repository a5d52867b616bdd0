// Whether x is above a stored threshold, which is one less than the smallest x that reaches it.
// Written with "<", of which yosys makes one carry chain; for ">" it would add a test for equality.
`default_nettype none

module threshold_compare #(
    parameter int unsigned IN_BITS          = 16,
    parameter int unsigned IN_SIGNED        = 1,
    parameter int unsigned THRESHOLD_BITS   = 16,  // at least IN_BITS
    parameter int unsigned THRESHOLD_SIGNED = 1
) (
    input  wire [IN_BITS-1:0]        x,
    input  wire [THRESHOLD_BITS-1:0] threshold,
    output wire                      reached
);
    wire [THRESHOLD_BITS-1:0] wide = IN_SIGNED != 0 ? THRESHOLD_BITS'($signed(x)) : THRESHOLD_BITS'(x);
    if (THRESHOLD_SIGNED != 0) begin : signed_order
        assign reached = $signed(threshold) < $signed(wide);
    end else begin : unsigned_order
        assign reached = threshold < wide;
    end
endmodule

`default_nettype wire
