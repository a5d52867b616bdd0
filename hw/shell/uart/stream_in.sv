// Bytes of packets to words of the accelerator: a ring of bytes that a packet enters whole or not at all.
//
// A byte's ninth bit says that the frame's last word ends with it. Bytes beyond the last kept packet are overwritten by
// the next packet. A word takes four cycles a byte, far less than its way over the line.
`default_nettype none

module stream_in #(
    parameter int unsigned WORD_BITS    = 33,  // a word's data and its `last`
    parameter int unsigned ADDRESS_BITS = 11
) (
    input  wire                     clk,
    input  wire                     rst_n,

    input  wire                     start,    // a packet begins: forget what was not kept
    input  wire  [7:0]              s_data,
    input  wire                     s_valid,
    input  wire                     s_last,   // the frame ends with this byte
    input  wire                     keep,     // with or after the packet's last byte
    output logic                    dropped,  // the packet found no room
    output logic [ADDRESS_BITS-1:0] free,     // bytes

    output logic [WORD_BITS-1:0]    m_data,
    output logic                    m_valid,
    input  wire                     m_ready
);
    localparam int unsigned BYTES = (WORD_BITS - 1 + 7) / 8;
    localparam int unsigned COUNT_BITS = $clog2(BYTES + 1);

    logic [8:0]              ring [2**ADDRESS_BITS];
    logic [ADDRESS_BITS-1:0] write_at, kept, read_at, next_write;
    logic [8:0]              read_early, read;
    logic [1:0]              age;  // cycles that read_at and kept have stood: reading takes two
    logic [BYTES*8-1:0]      word;
    logic [COUNT_BITS-1:0]   count;
    assign next_write = write_at + 1'b1;
    wire   full  = next_write == read_at;
    wire   write = s_valid && !full && !dropped;
    wire   read_one = age == 2'd3 && read_at != kept && !m_valid;

    always_ff @(posedge clk) begin
        if (write) ring[write_at] <= {s_last, s_data};
        read_early <= ring[read_at];
        read       <= read_early;
    end
    always_ff @(posedge clk) begin
        free <= read_at - kept - 1'b1;
        age  <= read_one || keep ? '0 : age == 2'd3 ? age : age + 2'd1;
        if (start) begin
            write_at <= kept;
            dropped  <= 1'b0;
        end else if (write) begin
            write_at <= next_write;
        end else if (s_valid) begin
            dropped <= 1'b1;
        end
        if (keep && !dropped && !(s_valid && full)) kept <= s_valid ? next_write : write_at;
        if (read_one) read_at <= read_at + 1'b1;
        if (!rst_n) begin
            write_at <= '0;
            kept     <= '0;
            read_at  <= '0;
            age      <= '0;
        end
    end
    if (BYTES == 1) begin : one_byte
        always_ff @(posedge clk) if (read_one) word <= read[7:0];
    end else begin : many_bytes
        always_ff @(posedge clk) if (read_one) word <= {read[7:0], word[BYTES*8-1:8]};
    end
    always_ff @(posedge clk) begin
        if (m_ready) m_valid <= 1'b0;
        if (read_one) begin
            m_data[WORD_BITS-1] <= read[8];
            m_valid             <= read[8] || count == COUNT_BITS'(BYTES - 1);
            count               <= read[8] || count == COUNT_BITS'(BYTES - 1) ? '0 : count + 1'b1;
        end
        if (!rst_n) begin
            m_valid <= 1'b0;
            count   <= '0;
        end
    end
    assign m_data[WORD_BITS-2:0] = word[WORD_BITS-2:0];
endmodule

`default_nettype wire
