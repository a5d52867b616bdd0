// Sends the words of a block in the order of nested counters; a counter whose steps are zero repeats words.
//
// Two blocks share the memory: one is written while the other is read, so that a block's order may be any, and a word
// goes in and a word out every cycle. The reader's address moves by a constant step, that of the outermost counter that
// moves. It holds two whole blocks, which is what limits it.
`default_nettype none

module reorder #(
    parameter int unsigned DATA_BITS = 8,  // of a word
    parameter int unsigned BLOCK     = 8,  // words of a block in
    parameter int unsigned BLOCKS    = 1,  // blocks of a frame
    // Counters, 0 the innermost: how many values each takes, and the step of the address where it moves and those
    // inside it begin again. A counter of one value is none.
    parameter int unsigned SIZE_0 = 8,
    parameter int unsigned SIZE_1 = 1,
    parameter int unsigned SIZE_2 = 1,
    parameter int unsigned SIZE_3 = 1,
    parameter int unsigned SIZE_4 = 1,
    parameter int unsigned SIZE_5 = 1,
    parameter int          STEP_0 = 1,
    parameter int          STEP_1 = 0,
    parameter int          STEP_2 = 0,
    parameter int          STEP_3 = 0,
    parameter int          STEP_4 = 0,
    parameter int          STEP_5 = 0,
    parameter int unsigned COPIES    = 1,  // of a word in, side by side in a word out
    parameter int unsigned BLOCK_RAM = 0   // else LUT RAM
) (
    input  wire                       clk,
    input  wire                       rst_n,

    input  wire  [DATA_BITS:0]        s_data,
    input  wire                       s_valid,
    output wire                       s_ready,

    output wire  [COPIES*DATA_BITS:0] m_data,
    output logic                      m_valid,
    input  wire                       m_ready
);
    localparam int LEVELS = 6;
    localparam int A = $clog2(2 * BLOCK);
    localparam int F = BLOCKS > 1 ? $clog2(BLOCKS) : 1;
    localparam logic [A-1:0] HALF = A'(BLOCK), HALF_END = A'(BLOCK - 1), END = A'(2 * BLOCK - 1);
    localparam bit [LEVELS*32-1:0] SIZES = {SIZE_5, SIZE_4, SIZE_3, SIZE_2, SIZE_1, SIZE_0};
    localparam bit [LEVELS*32-1:0] STEPS = {STEP_5, STEP_4, STEP_3, STEP_2, STEP_1, STEP_0};

    wire        issue;
    logic [1:0] waiting;  // blocks written and not all read

    // Writer.
    logic [A-1:0] write_address;
    wire  take     = s_valid && s_ready;
    wire  block_in = take && (write_address == HALF_END || write_address == END);
    assign s_ready = !waiting[1];
    always_ff @(posedge clk) begin
        if (!rst_n)    write_address <= '0;
        else if (take) write_address <= write_address == END ? '0 : write_address + 1'b1;
    end

    // Reader.
    wire  [LEVELS:0] done;  // all counters inside this one are at their ends
    assign done[0] = 1'b1;
    for (genvar i = 0; i < LEVELS; i++) begin : level
        localparam int unsigned SIZE = SIZES[i*32 +: 32];
        if (SIZE > 1) begin : counter
            localparam int C = $clog2(SIZE);
            logic [C-1:0] count;
            wire  at_end = count == C'(SIZE - 1);
            assign done[i+1] = done[i] && at_end;
            always_ff @(posedge clk) begin
                if (!rst_n)                count <= '0;
                else if (issue && done[i]) count <= at_end ? '0 : count + 1'b1;
            end
        end else begin : none
            assign done[i+1] = done[i];
        end
    end

    logic         second;  // half that is read
    logic [A-1:0] read_address, step;
    always_comb begin
        step = A'(STEPS[31:0]);
        for (int i = 1; i < LEVELS; i++) if (done[i]) step = A'(STEPS[i*32 +: 32]);
    end
    wire block_out = issue && done[LEVELS];
    always_ff @(posedge clk) begin
        if (!rst_n) begin
            second       <= 1'b0;
            read_address <= '0;
        end else if (issue) begin
            if (done[LEVELS]) second <= !second;
            read_address <= done[LEVELS] ? (second ? '0 : HALF) : read_address + step;
        end
    end

    always_ff @(posedge clk) begin
        if (!rst_n)                     waiting <= '0;
        else if (block_in != block_out) waiting <= block_in ? {waiting[0], !waiting[0]} : {1'b0, waiting[1]};
    end

    wire last_block;
    if (BLOCKS > 1) begin : blocks
        logic [F-1:0] block;
        assign last_block = block == F'(BLOCKS - 1);
        always_ff @(posedge clk) begin
            if (!rst_n)         block <= '0;
            else if (block_out) block <= last_block ? '0 : block + 1'b1;
        end
    end else begin : one_block
        assign last_block = 1'b1;
    end
    wire last = done[LEVELS] && last_block;

    // Memory.
    wire  here    = waiting != '0;
    wire  advance = !m_valid || m_ready;
    logic [DATA_BITS-1:0] data_out;
    logic                 last_out;
    assign m_data = {last_out, {COPIES{data_out}}};
    if (BLOCK_RAM != 0) begin : block_ram
        (* ram_style = "block", no_rw_check *) logic [DATA_BITS-1:0] mem [2*BLOCK];
        logic [DATA_BITS-1:0] read;
        logic                 read_valid, read_last;
        assign issue = here && (!read_valid || advance);
        always_ff @(posedge clk) if (take) mem[write_address] <= s_data[DATA_BITS-1:0];
        always_ff @(posedge clk) if (issue) read <= mem[read_address];
        always_ff @(posedge clk) begin
            if (!rst_n) begin
                read_valid <= 1'b0;
                m_valid    <= 1'b0;
            end else begin
                if (!read_valid || advance) read_valid <= here;
                if (advance) m_valid <= read_valid;
            end
            if (issue) read_last <= last;
            if (advance) begin
                data_out <= read;
                last_out <= read_last;
            end
        end
    end else begin : lut_ram
        (* ram_style = "distributed", no_rw_check *) logic [DATA_BITS-1:0] mem [2*BLOCK];
        assign issue = here && advance;
        always_ff @(posedge clk) if (take) mem[write_address] <= s_data[DATA_BITS-1:0];
        always_ff @(posedge clk) begin
            if (!rst_n)       m_valid <= 1'b0;
            else if (advance) m_valid <= here;
            if (issue) begin
                data_out <= mem[read_address];
                last_out <= last;
            end
        end
    end

    wire unused = &{1'b0, s_data[DATA_BITS]};  // it counts the frame's words itself
endmodule

`default_nettype wire
