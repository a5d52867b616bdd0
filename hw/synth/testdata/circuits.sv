// Something of everything that a netlist can hold, behind one stream: carries, multipliers, ROM, RAMs of several widths,
// LUT RAM, shift registers. A word's answer shows six cycles after it is taken.
`default_nettype none

module circuits (
    input  wire         clk,
    input  wire         rst_n,
    input  wire  [16:0] s_data,
    input  wire         s_valid,
    output logic        s_ready,
    output logic [128:0] m_data,
    output logic        m_valid,
    input  wire         m_ready
);
    logic [5:0]  phase;
    logic [15:0] x;
    logic        last;
    wire         take = s_valid && s_ready;
    always_ff @(posedge clk) begin
        phase <= {phase[4:0], take};
        if (take) {last, x} <= s_data;
        if (take) s_ready <= 1'b0;
        if (phase[5]) m_valid <= 1'b1;
        if (m_valid && m_ready) begin
            m_valid <= 1'b0;
            s_ready <= 1'b1;
        end
        if (!rst_n) begin
            phase   <= '0;
            m_valid <= 1'b0;
            s_ready <= 1'b1;
        end
    end

    // Carries: a counter that wraps, a sum, a comparison
    logic [9:0]  count;
    logic [19:0] sum;
    logic        above;
    always_ff @(posedge clk) begin
        if (phase[0]) begin
            count <= count == 10'd700 ? '0 : count + 10'd1;
            sum   <= sum + {4'd0, x} - 20'd1234;
            above <= $signed(x) > $signed(sum[15:0]);
        end
        if (!rst_n) begin
            count <= '0;
            sum   <= 20'd77;
            above <= 1'b1;
        end
    end

    // Multipliers: signed and unsigned, small and large
    logic signed [15:0] square, a;
    logic [31:0]        wide;
    logic signed [7:0]  little;
    always_ff @(posedge clk) begin
        a      <= $signed(x);
        square <= 16'(a[7:0]) * 16'($signed(a[15:8]));
        wide   <= 32'(x) * 32'(sum[15:0]);
        little <= $signed(x[3:0]) * $signed(x[7:4]);
    end

    // Block RAMs: a ROM, a wide RAM, a narrow deep one, one with byte enables; each written before it is read
    (* ram_style = "block", rom_style = "block" *) logic [17:0] rom [1024];
    (* ram_style = "block" *) logic [35:0] broad [512];
    (* ram_style = "block" *) logic [1:0]  deep [8192];
    (* ram_style = "block" *) logic [8:0]  nine [2048];
    initial $readmemh("rom.hex", rom);
    initial $readmemh("broad.hex", broad);
    initial $readmemh("deep.hex", deep);
    initial $readmemh("nine.hex", nine);
    logic [17:0] rom_early, rom_late;
    logic [35:0] broad_early, broad_late;
    logic [1:0]  deep_early, deep_late;
    logic [8:0]  nine_early, nine_late;
    always_ff @(posedge clk) begin
        rom_early <= rom[x[9:0]];
        rom_late  <= rom_early;
        if (phase[1]) broad[x[8:0]] <= {sum, x};
        broad_early <= broad[count[8:0]];
        broad_late  <= broad_early;
        if (phase[1]) deep[{x[2:0], count}] <= x[5:4];
        if (phase[3]) deep_early <= deep[x[12:0]];
        deep_late <= deep_early;
        if (phase[1]) nine[{count, x[0]}] <= x[8:0];
        nine_early <= nine[x[10:0]];
        if (!rst_n) nine_early <= '0;
        nine_late  <= nine_early;
    end

    // LUT RAM, with a read in the same cycle, and a shift register
    (* ram_style = "distributed" *) logic [5:0] few [32];
    initial $readmemh("few.hex", few);
    logic [5:0] few_read;
    logic [3:0] delay [20];
    always_ff @(posedge clk) begin
        if (phase[1]) few[x[4:0]] <= x[10:5];
        few_read <= few[count[4:0]];
        if (phase[2]) begin
            delay[0] <= x[3:0];
            for (int i = 1; i < 20; i++) delay[i] <= delay[i-1];
        end
    end
    initial for (int i = 0; i < 20; i++) delay[i] = '0;

    always_ff @(posedge clk) if (phase[5]) m_data <= {
        last, delay[19], few_read, nine_late, deep_late, broad_late, rom_late, little, wide[31:28], square[15:8], above,
        sum, count[9:0] ^ wide[9:0], 2'b10
    };
endmodule

`default_nettype wire
