// Sends a packet's bytes with escapes, and computes its CRC, a bit a cycle: a byte takes at least 40.
//
// A packet is asked for as: flag, header and payload bytes, two CRC bytes, flag.
`default_nettype none

module packet_sender (
    input  wire        clk,
    input  wire        rst_n,

    input  wire  [7:0] s_data,
    input  wire        s_is_flag,  // send a flag instead, and begin the CRC
    input  wire        s_is_crc,   // send the CRC's next byte instead
    input  wire        s_valid,
    output wire        s_ready,

    output wire  [7:0] m_data,
    output wire        m_valid,
    input  wire        m_ready
);
    localparam logic [7:0] FLAG = 8'h7e, ESCAPE = 8'h7d;

    logic        escaped;
    logic [15:0] crc;
    logic [7:0]  bits;
    logic [3:0]  bits_left;
    wire  [7:0]  plain = s_is_crc ? ~crc[7:0] : s_data;
    wire         mark  = !s_is_flag && !escaped && (plain == FLAG || plain == ESCAPE);
    assign m_data  = s_is_flag ? FLAG : mark ? ESCAPE : {plain[7:6], plain[5] ^ escaped, plain[4:0]};
    assign m_valid = s_valid;
    wire   sent    = m_valid && m_ready;
    assign s_ready = m_ready && !mark;

    always_ff @(posedge clk) begin
        if (sent) escaped <= mark;
        if (sent && s_is_flag) begin
            crc       <= '1;
            bits_left <= '0;
        end else if (sent && !mark && s_is_crc) begin
            crc <= {8'h0, crc[15:8]};
        end else if (sent && !mark) begin
            bits      <= s_data;
            bits_left <= 4'd8;
        end else if (bits_left != '0) begin
            crc       <= {1'b0, crc[15:1]} ^ (crc[0] ^ bits[0] ? 16'h8408 : 16'h0);
            bits      <= {1'b0, bits[7:1]};
            bits_left <= bits_left - 4'd1;
        end
        if (!rst_n) begin
            escaped   <= 1'b0;
            bits_left <= '0;
        end
    end
endmodule

`default_nettype wire
