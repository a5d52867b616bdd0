// Passes the words inside a box of a frame on, and drops the others.
//
// It holds one word to show and one spare, as a register slice does, so the input's ready is a register. A word a cycle
// comes in.
`default_nettype none

module stream_slice #(
    parameter int unsigned DATA_BITS = 8,  // of a word
    // Axes, 0 the innermost: length, first index kept, last index kept, and step from one to the next.
    parameter int unsigned SIZE_0  = 8,
    parameter int unsigned SIZE_1  = 1,
    parameter int unsigned SIZE_2  = 1,
    parameter int unsigned SIZE_3  = 1,
    parameter int unsigned SIZE_4  = 1,
    parameter int unsigned SIZE_5  = 1,
    parameter int unsigned FIRST_0 = 0,
    parameter int unsigned FIRST_1 = 0,
    parameter int unsigned FIRST_2 = 0,
    parameter int unsigned FIRST_3 = 0,
    parameter int unsigned FIRST_4 = 0,
    parameter int unsigned FIRST_5 = 0,
    parameter int unsigned LAST_0  = 7,
    parameter int unsigned LAST_1  = 0,
    parameter int unsigned LAST_2  = 0,
    parameter int unsigned LAST_3  = 0,
    parameter int unsigned LAST_4  = 0,
    parameter int unsigned LAST_5  = 0,
    parameter int unsigned STEP_0  = 1,
    parameter int unsigned STEP_1  = 1,
    parameter int unsigned STEP_2  = 1,
    parameter int unsigned STEP_3  = 1,
    parameter int unsigned STEP_4  = 1,
    parameter int unsigned STEP_5  = 1
) (
    input  wire                clk,
    input  wire                rst_n,

    input  wire  [DATA_BITS:0] s_data,
    input  wire                s_valid,
    output wire                s_ready,

    output logic [DATA_BITS:0] m_data,
    output logic               m_valid,
    input  wire                m_ready
);
    localparam int LEVELS = 6;
    localparam bit [LEVELS*32-1:0] SIZES  = {SIZE_5, SIZE_4, SIZE_3, SIZE_2, SIZE_1, SIZE_0};
    localparam bit [LEVELS*32-1:0] FIRSTS = {FIRST_5, FIRST_4, FIRST_3, FIRST_2, FIRST_1, FIRST_0};
    localparam bit [LEVELS*32-1:0] LASTS  = {LAST_5, LAST_4, LAST_3, LAST_2, LAST_1, LAST_0};
    localparam bit [LEVELS*32-1:0] STEPS  = {STEP_5, STEP_4, STEP_3, STEP_2, STEP_1, STEP_0};

    logic [DATA_BITS:0] spare;
    logic               spare_full;
    wire  take     = s_valid && s_ready;
    wire  stalled  = m_valid && !m_ready;
    assign s_ready = !spare_full;

    wire [LEVELS:0]   done;  // all axes inside this one are at their ends
    wire [LEVELS-1:0] kept, at_last;
    assign done[0] = 1'b1;
    for (genvar i = 0; i < LEVELS; i++) begin : level
        localparam int unsigned SIZE  = SIZES[i*32 +: 32];
        localparam int unsigned FIRST = FIRSTS[i*32 +: 32];
        localparam int unsigned LAST  = LASTS[i*32 +: 32];
        localparam int unsigned STEP  = STEPS[i*32 +: 32];
        if (SIZE > 1) begin : axis
            localparam int C = $clog2(SIZE);
            logic [C-1:0] index;
            logic         in_part;
            wire  move        = take && done[i];
            wire  at_end      = index == C'(SIZE - 1);
            assign at_last[i] = index == C'(LAST);
            assign done[i+1]  = done[i] && at_end;
            always_ff @(posedge clk) begin
                if (!rst_n)    index <= '0;
                else if (move) index <= at_end ? '0 : index + 1'b1;
            end

            // Whether the index lies between first and last is a register that changes beside them.
            if (FIRST == 0 && LAST == SIZE - 1) begin : whole
                assign in_part = 1'b1;
            end else begin : part
                wire enter = FIRST == 0 ? at_end : index == C'(FIRST - 1);
                always_ff @(posedge clk) begin
                    if (!rst_n)                        in_part <= FIRST == 0;
                    else if (move && (enter || at_last[i])) in_part <= enter;
                end
            end

            if (STEP > 1) begin : steps
                localparam int P = $clog2(STEP);
                logic [P-1:0] phase;
                assign kept[i] = in_part && phase == '0;
                always_ff @(posedge clk) begin
                    if (!rst_n)    phase <= '0;
                    else if (move) phase <= (!in_part || at_last[i] || phase == P'(STEP - 1)) ? '0 : phase + 1'b1;
                end
            end else begin : each
                assign kept[i] = in_part;
            end
        end else begin : none
            assign done[i+1]  = done[i];
            assign kept[i]    = 1'b1;
            assign at_last[i] = 1'b1;
        end
    end

    wire                keep = take && &kept;
    wire [DATA_BITS:0]  word = {&at_last, s_data[DATA_BITS-1:0]};
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            m_valid    <= 1'b0;
            spare_full <= 1'b0;
        end else if (stalled) begin
            spare_full <= spare_full || keep;
        end else begin
            m_valid    <= spare_full || keep;
            spare_full <= 1'b0;
        end
        if (!stalled) m_data <= spare_full ? spare : word;
        if (take)     spare  <= word;
    end

    wire unused = &{1'b0, done[LEVELS], s_data[DATA_BITS]};  // it counts the frame's words itself
endmodule

`default_nettype wire
