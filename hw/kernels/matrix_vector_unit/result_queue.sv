// Holds results until they are taken; whoever pushes has asked for a place before (credits), so it never refuses one.
//
// PLACES = 1 is a register that shows a word one cycle after `push` (push to valid: 1 cycle); above that, a distributed
// RAM with a register behind it (push to valid: 2 cycles). `place` is high while a place can be promised; `promise`
// takes one and a word that moves gives one back.
`default_nettype none

module result_queue #(
    parameter int unsigned WORD_BITS = 16,
    parameter int unsigned PLACES    = 1  // 1, or a power of two
) (
    input  wire                  clk,
    input  wire                  rst_n,

    input  wire                  promise,
    output wire                  place,
    input  wire                  push,
    input  wire  [WORD_BITS-1:0] word,

    output logic [WORD_BITS-1:0] m_data,
    output logic                 m_valid,
    input  wire                  m_ready
);
    wire pop = m_valid && m_ready;

    if (PLACES == 1) begin : one
        logic free;
        assign place = free;
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                free    <= 1'b1;
                m_valid <= 1'b0;
            end else begin
                if (promise || pop) free <= pop;
                if (push || pop) m_valid <= push;
            end
        end
        always_ff @(posedge clk) if (push) m_data <= word;
    end else begin : many
        localparam int unsigned BITS = $clog2(PLACES);
        (* ram_style = "distributed", no_rw_check *) logic [WORD_BITS-1:0] mem[PLACES];
        logic [BITS-1:0] head, tail;
        logic [BITS:0]   promised;  // places promised or filled
        logic            stored;    // a word waits in the memory
        assign place = !promised[BITS];

        wire            move = stored && (!m_valid || m_ready);
        wire [BITS-1:0] head_next = head + BITS'(move);
        wire [BITS-1:0] tail_next = tail + BITS'(push);
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                head     <= '0;
                tail     <= '0;
                promised <= '0;
                stored   <= 1'b0;
                m_valid  <= 1'b0;
            end else begin
                head   <= head_next;
                tail   <= tail_next;
                if (push || move) stored <= push || head_next != tail;
                if (promise != pop) promised <= promise ? promised + 1'b1 : promised - 1'b1;
                if (move || pop) m_valid <= move;
            end
        end
        always_ff @(posedge clk) begin
            if (push) mem[tail] <= word;
            if (move) m_data <= mem[head];
        end
    end
endmodule

`default_nettype wire
