// The product of two integers in gates, not in carry chains, modulo 2 ** OUT_BITS: a LUT a bit, where both fit into one.
`default_nettype none

module gate_product #(
    parameter int unsigned X_BITS   = 2,
    parameter bit          X_SIGNED = 0,
    parameter int unsigned W_BITS   = 2,
    parameter bit          W_SIGNED = 1,
    parameter int unsigned OUT_BITS = 4
) (
    input  wire [X_BITS-1:0]   x,
    input  wire [W_BITS-1:0]   w,
    output wire [OUT_BITS-1:0] product
);
    // Partial products, an input's sign repeated.
    localparam int unsigned PARTS = (X_SIGNED || X_BITS > OUT_BITS) ? OUT_BITS : X_BITS;
    wire [PARTS*OUT_BITS-1:0] parts;
    for (genvar i = 0; i < int'(PARTS); i++) begin : part
        wire digit = (i < int'(X_BITS)) ? x[i % int'(X_BITS)] : X_SIGNED && x[X_BITS-1];
        for (genvar j = 0; j < int'(OUT_BITS); j++) begin : place
            wire weight = (j - i < int'(W_BITS)) ? w[(j < i ? 0 : j - i) % int'(W_BITS)] : W_SIGNED && w[W_BITS-1];
            assign parts[i*OUT_BITS + j] = j >= i && digit && weight;
        end
    end
    gate_sum #(.INPUTS(PARTS), .BITS(OUT_BITS), .OUT_BITS(OUT_BITS)) total (.values(parts), .sum(product));
endmodule

`default_nettype wire
