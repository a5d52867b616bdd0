// Words of the accelerator to bytes of packets: a ring of bytes that keeps each packet until the next is asked for.
//
// A byte's ninth bit says that the frame's last word ends with it.
`default_nettype none

module stream_out #(
    parameter int unsigned WORD_BITS    = 17,  // a word's data and its `last`
    parameter int unsigned ADDRESS_BITS = 11
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire  [WORD_BITS-1:0] s_data,
    input  wire                  s_valid,
    output logic                 s_ready,

    input  wire                  open,    // begin a packet
    input  wire                  again,   // the same one as before
    output logic [7:0]           m_data,  // the packet's next byte, two cycles after `take`
    output logic                 m_last,  // the frame ends with the byte before
    output logic                 m_empty, // the packet ends here
    input  wire                  take
);
    localparam int unsigned BYTES = (WORD_BITS - 1 + 7) / 8;
    localparam int unsigned COUNT_BITS = $clog2(BYTES + 1);
    localparam int unsigned MOST = 256;  // bytes of a packet

    logic [8:0]                ring [2**ADDRESS_BITS];
    logic [ADDRESS_BITS-1:0]   write_at, read_at, base, limit, next_write;
    logic [$clog2(MOST+1)-1:0] sent;
    logic [8:0]                read_early, read;
    logic [BYTES*8-1:0]        word;
    logic                      word_last;
    logic [COUNT_BITS-1:0]     left;
    assign next_write = write_at + 1'b1;
    wire   write = left != '0 && next_write != base;
    assign m_data = read[7:0];

    always_ff @(posedge clk) begin
        if (write) ring[write_at] <= {word_last && left == COUNT_BITS'(1), word[7:0]};
        read_early <= ring[read_at];
        read       <= read_early;
    end
    always_ff @(posedge clk) begin
        s_ready <= left == '0 && !(s_valid && s_ready);
        if (s_valid && s_ready) begin
            word      <= (BYTES*8)'(s_data[WORD_BITS-2:0]);
            word_last <= s_data[WORD_BITS-1];
            left      <= COUNT_BITS'(BYTES);
        end else if (write) begin
            word     <= word >> 8;
            left     <= left - 1'b1;
        end
        if (write) write_at <= next_write;
        if (!rst_n) begin
            s_ready  <= 1'b0;
            left     <= '0;
            write_at <= '0;
        end
    end
    // What was sent lies from `base` to `read_at`; sent again, it ends where it ended.
    always_ff @(posedge clk) begin
        m_empty <= read_at == limit || m_last || sent[$clog2(MOST)];
        if (open) begin
            sent   <= '0;
            m_last <= 1'b0;
            limit  <= again ? read_at : write_at;
            if (again) read_at <= base;
            else       base    <= read_at;
        end else if (take) begin
            sent    <= sent + 1'b1;
            m_last  <= read[8];
            read_at <= read_at + 1'b1;
        end
        if (!rst_n) begin
            read_at <= '0;
            base    <= '0;
            limit   <= '0;
        end
    end
endmodule

`default_nettype wire
