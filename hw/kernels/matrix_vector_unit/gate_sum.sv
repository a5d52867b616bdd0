// The sum of INPUTS integers in gates, not in carry chains: where all of its inputs together fit into a LUT, each bit of
// the sum is one. OUT_BITS must hold the sum, which is taken modulo 2 ** OUT_BITS.
`default_nettype none

module gate_sum #(
    parameter int unsigned INPUTS   = 2,
    parameter int unsigned BITS     = 2,
    parameter bit          SIGNED   = 0,
    parameter int unsigned OUT_BITS = 3
) (
    input  wire  [INPUTS*BITS-1:0] values,
    output logic [OUT_BITS-1:0]    sum
);
    always_comb begin
        sum = '0;
        for (int i = 0; i < int'(INPUTS); i++) begin
            logic carry, bit_i;
            carry = 1'b0;
            for (int j = 0; j < int'(OUT_BITS); j++) begin
                bit_i  = (j < int'(BITS)) ? values[i*int'(BITS) + j] : SIGNED && values[(i+1)*int'(BITS) - 1];
                {carry, sum[j]} = {(sum[j] & bit_i) | (carry & (sum[j] ^ bit_i)), sum[j] ^ bit_i ^ carry};
            end
        end
    end
endmodule

`default_nettype wire
