// Lets one DMA transfer carry several frames: frames in, `last` at each frame's end, out again with TLAST at the
// transfer's end only.
//
// A frame ends after S_WORDS words or at TLAST, whichever comes first; with S_WORDS 0, at TLAST only. The ends of four
// transfers may be inside; then the input waits. An output frame's last word waits until the input frame's has come,
// which says whether the transfer ends there; it waits behind a register, so that the accelerator, which may answer
// before it has taken all of a frame, can take the rest. Nothing is registered here on the words' way, and nothing
// combined with a handshake but registers.
`default_nettype none

module axi_transfers #(
    parameter int unsigned S_WORDS = 0
) (
    input  wire  clk,
    input  wire  rst_n,

    input  wire  s_tlast,
    input  wire  s_valid,
    output wire  s_ready,
    output wire  core_s_last,
    output wire  core_s_valid,
    input  wire  core_s_ready,

    input  wire  core_m_last,
    input  wire  core_m_valid,
    output wire  core_m_ready,
    output wire  m_tlast,
    output wire  m_valid,
    input  wire  m_ready
);
    localparam int unsigned NUMBER_BITS = 16;  // of a frame: more frames than this counts are never inside

    logic [NUMBER_BITS-1:0] taken, given;      // frames
    logic [NUMBER_BITS-1:0] ends [0:3];        // the numbers of the frames that end a transfer, oldest first
    logic [2:0]             count;             // of them

    // Input.
    wire last_word;
    if (S_WORDS > 1) begin : counted
        localparam int unsigned WORD_BITS = $clog2(S_WORDS);
        logic [WORD_BITS-1:0] left;            // words of the frame after this one
        always_ff @(posedge clk) begin
            if (!rst_n) left <= WORD_BITS'(S_WORDS - 1);
            else if (core_s_valid && core_s_ready) left <= core_s_last ? WORD_BITS'(S_WORDS - 1) : left - 1'b1;
        end
        assign last_word = left == '0;
    end else begin : constant
        assign last_word = S_WORDS == 1;
    end
    wire full = count[2];
    assign core_s_last  = s_tlast || last_word;
    assign core_s_valid = s_valid && !full;
    assign s_ready      = core_s_ready && !full;
    wire taking = core_s_valid && core_s_ready && core_s_last;
    wire push   = taking && s_tlast;

    // Output.
    wire known = taken != given;
    wire pass  = known || !core_m_last;
    assign m_valid      = core_m_valid && pass;
    assign core_m_ready = m_ready && pass;
    assign m_tlast      = core_m_last && count != 3'd0 && ends[0] == given;
    wire giving = m_valid && m_ready && core_m_last;
    wire pop    = giving && m_tlast;

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            taken <= '0;
            given <= '0;
            count <= '0;
        end else begin
            taken <= taken + NUMBER_BITS'(taking);
            given <= given + NUMBER_BITS'(giving);
            count <= count + 3'(push) - 3'(pop);
        end
    end
    for (genvar i = 0; i < 4; i++) begin : entry
        // What the entry holds if nothing is pushed; the push goes behind the last one.
        wire [NUMBER_BITS-1:0] kept = pop && i < 3 ? ends[i < 3 ? i + 1 : 3] : ends[i];
        always_ff @(posedge clk) ends[i] <= push && count - 3'(pop) == 3'(i) ? taken : kept;
    end
endmodule

`default_nettype wire
