// Sends every word TIMES times over, each as LANES copies side by side.
//
// It holds one word to show and one spare, as a register slice does, so the input's ready is a register. A word a cycle
// goes out.
`default_nettype none

module stream_repeat #(
    parameter int unsigned DATA_BITS = 8,  // of a word in
    parameter int unsigned TIMES     = 2,
    parameter int unsigned LANES     = 1   // copies of it in a word out
) (
    input  wire                      clk,
    input  wire                      rst_n,

    input  wire  [DATA_BITS:0]       s_data,
    input  wire                      s_valid,
    output wire                      s_ready,

    output wire  [LANES*DATA_BITS:0] m_data,
    output logic                     m_valid,
    input  wire                      m_ready
);
    logic [DATA_BITS:0] shown, spare;
    logic               spare_full;
    wire  final_time;
    wire  take    = s_valid && s_ready;
    wire  stalled = m_valid && !(m_ready && final_time);
    assign s_ready = !spare_full;
    assign m_data  = {shown[DATA_BITS] && final_time, {LANES{shown[DATA_BITS-1:0]}}};

    if (TIMES > 1) begin : several
        localparam int C = $clog2(TIMES);
        logic [C-1:0] count;
        assign final_time = count == C'(TIMES - 1);
        always_ff @(posedge clk) begin
            if (!rst_n)                  count <= '0;
            else if (m_valid && m_ready) count <= final_time ? '0 : count + 1'b1;
        end
    end else begin : once
        assign final_time = 1'b1;
    end

    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
        end else if (stalled) begin
            spare_full <= spare_full || take;
        end else begin
            m_valid    <= spare_full || take;
            spare_full <= 1'b0;
        end
    end
    always_ff @(posedge clk) begin
        if (!stalled) shown <= spare_full ? spare : s_data;
        if (take)     spare <= s_data;
    end
endmodule

`default_nettype wire
