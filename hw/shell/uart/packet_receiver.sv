// Finds packets in received bytes: takes out the escapes, checks the CRC, splits off the header.
//
// Payload bytes are given three bytes late, so that the CRC's two never are, and the last one is given with `finish`:
// what came with a packet that ends `damaged` is to be forgotten. The CRC runs a bit a cycle: a byte takes at least 40.
`default_nettype none

module packet_receiver (
    input  wire        clk,
    input  wire        rst_n,

    input  wire  [7:0] s_data,
    input  wire        s_valid,
    input  wire        s_broken,       // a byte was lost

    output logic [7:0] header,
    output logic       start,          // for a cycle: a header came, a packet begins
    output logic [7:0] payload,
    output logic       payload_valid,  // for a cycle
    output logic       finish,         // for a cycle: the packet is whole
    output logic       damaged         // for a cycle: it is not
);
    localparam logic [7:0] FLAG = 8'h7e, ESCAPE = 8'h7d;
    localparam logic [15:0] RESIDUE = 16'hf0b8;

    logic        escaped, broken;
    logic [2:0]  count;          // bytes so far: 0 to 4, header included; 4 stands for more
    logic [15:0] held;
    logic [7:0]  bits;
    logic [3:0]  bits_left;
    logic [15:0] crc;
    logic [7:0]  oldest;
    wire         flag  = s_valid && s_data == FLAG;
    wire         mark  = s_valid && s_data == ESCAPE;
    wire         take  = s_valid && !flag && !mark;
    wire  [7:0]  plain = escaped ? s_data ^ 8'h20 : s_data;
    wire         whole = !broken && !escaped && crc == RESIDUE && count >= 3'd3;

    always_ff @(posedge clk) begin
        start         <= take && count == 3'd0;
        payload_valid <= (take || (flag && whole)) && count == 3'd4;
        finish        <= flag && whole;
        if (take || flag) payload <= oldest;
        damaged       <= flag && !whole && (count != 3'd0 || broken);
        if (take) begin
            if (count == 3'd0) header <= plain;
            if (count != 3'd4) count <= count + 3'd1;
            held      <= {held[7:0], plain};
            oldest    <= held[15:8];
            bits      <= plain;
            bits_left <= 4'd8;
        end else if (bits_left != '0) begin
            crc       <= {1'b0, crc[15:1]} ^ (crc[0] ^ bits[0] ? 16'h8408 : 16'h0);
            bits      <= {1'b0, bits[7:1]};
            bits_left <= bits_left - 4'd1;
        end
        if (s_valid) escaped <= mark;
        if (s_broken) broken <= 1'b1;
        if (flag || !rst_n) begin
            count     <= '0;
            crc       <= '1;
            broken    <= 1'b0;
            bits_left <= '0;
        end
        if (!rst_n) escaped <= 1'b0;
    end
endmodule

`default_nettype wire
