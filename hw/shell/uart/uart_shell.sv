// The accelerator's shell on a serial line: streams and registers by packets; README.md has the protocol.
//
// Every packet of the host that arrives whole is answered, in no particular order between kinds. What limits it is the
// line: the streams take a byte in at least 40 cycles.
`default_nettype none

module uart_shell #(
    parameter int unsigned S_BITS       = 33,  // the accelerator's input word and its `last`
    parameter int unsigned M_BITS       = 17,  // the accelerator's output word and its `last`
    parameter int unsigned EIGHTHS      = 167, // eighths of a clock in a bit of the line
    parameter int unsigned CLOCK_HZ     = 62500000,
    parameter logic [31:0] BUILD        = 32'h0,
    parameter int unsigned ADDRESS_BITS = 11   // of the streams' buffers, in bytes
) (
    input  wire               clk,
    input  wire               rst_n,
    input  wire               rxd,
    output wire               txd,

    output logic              accelerator_rst_n,
    output wire  [S_BITS-1:0] s_data,
    output wire               s_valid,
    input  wire               s_ready,
    input  wire  [M_BITS-1:0] m_data,
    input  wire               m_valid,
    output wire               m_ready,
    input  wire               frame_error,

    output logic              any_error,
    output logic [3:0]        frames_low  // lowest bits of the frames given, for LEDs
);
    `include "registers.svh"
    localparam logic [2:0] READ = 3'd1, WRITE = 3'd2, SEND = 3'd3, RECEIVE = 3'd4;

    // Line
    wire [7:0] rx_data, tx_data, header, payload, out_data;
    wire       rx_valid, no_stop, tx_valid, tx_ready, start, payload_valid, finish, damaged;
    logic [7:0] packet_data;
    logic       packet_valid, is_flag, is_crc;
    wire        packet_ready;
    uart_rx #(.EIGHTHS(EIGHTHS)) u_rx (.clk, .rst_n, .rxd, .data(rx_data), .valid(rx_valid), .no_stop);
    uart_tx #(.EIGHTHS(EIGHTHS)) u_tx (.clk, .rst_n, .data(tx_data), .valid(tx_valid), .ready(tx_ready), .txd);
    packet_receiver u_receiver (
        .clk, .rst_n, .s_data(rx_data), .s_valid(rx_valid), .s_broken(no_stop), .header, .start, .payload,
        .payload_valid, .finish, .damaged
    );
    packet_sender u_sender (
        .clk, .rst_n, .s_data(packet_data), .s_is_flag(is_flag), .s_is_crc(is_crc), .s_valid(packet_valid),
        .s_ready(packet_ready), .m_data(tx_data), .m_valid(tx_valid), .m_ready(tx_ready)
    );

    // Requests
    logic [3:0] turn_in, turn_out;  // the next data packet's number, the last answer's
    logic [3:0] wanted;             // the answer's number that the host asks for
    logic [4:0] address;
    logic       read_due, write_due, send_due, receive_due;
    logic       read_done, write_done, send_done, receive_done;
    logic [2:0] reset_left;
    wire        dropped, out_last, out_empty;
    wire [ADDRESS_BITS-1:0] free;
    wire        in_turn = header[3:0] == turn_in;
    wire        is_send = header[7:5] == SEND;
    wire        control = finish && header == {WRITE, REG_CONTROL} && payload_valid;
    wire        clear   = control && payload[CONTROL_CLEAR];
    wire        keep    = finish && is_send && in_turn;
    logic       kept_one;  // a cycle later, when `dropped` is known

    always_ff @(posedge clk) begin
        kept_one <= keep;
        if (finish && header[7:5] == READ) address <= header[4:0];
        if (finish && header[7:5] == RECEIVE) wanted <= header[3:0];
        if (kept_one && !dropped) turn_in <= turn_in + 4'd1;
        if (receive_done) turn_out <= number;
        if (control && payload[CONTROL_RESET]) reset_left <= '1;
        else if (reset_left != '0) reset_left <= reset_left - 3'd1;
        accelerator_rst_n <= rst_n && reset_left == '0;
        read_due    <= (finish && header[7:5] == READ)    || (read_due && !read_done);
        write_due   <= (finish && header[7:5] == WRITE)   || (write_due && !write_done);
        send_due    <= (finish && is_send)                || (send_due && !send_done);
        receive_due <= (finish && header[7:5] == RECEIVE) || (receive_due && !receive_done);
        if (!accelerator_rst_n) begin
            turn_in  <= '0;
            turn_out <= '1;
        end
        if (!rst_n) begin
            reset_left  <= '1;
            read_due    <= 1'b0;
            write_due   <= 1'b0;
            send_due    <= 1'b0;
            receive_due <= 1'b0;
        end
    end

    // Streams
    logic open, take;
    stream_in #(.WORD_BITS(S_BITS), .ADDRESS_BITS(ADDRESS_BITS)) u_in (
        .clk, .rst_n(accelerator_rst_n), .start, .s_data(payload), .s_valid(payload_valid && is_send && in_turn),
        .s_last(finish && header[4]), .keep, .dropped, .free, .m_data(s_data), .m_valid(s_valid), .m_ready(s_ready)
    );
    stream_out #(.WORD_BITS(M_BITS), .ADDRESS_BITS(ADDRESS_BITS)) u_out (
        .clk, .rst_n(accelerator_rst_n), .s_data(m_data), .s_valid(m_valid), .s_ready(m_ready), .open,
        .again(number == turn_out), .m_data(out_data), .m_last(out_last), .m_empty(out_empty), .take
    );

    // Registers
    logic [31:0]           frames_in, frames_out, cycles, value;
    logic [ERROR_BITS-1:0] errors;
    always_ff @(posedge clk) begin
        cycles <= cycles + 32'd1;
        if (s_valid && s_ready && s_data[S_BITS-1]) frames_in  <= frames_in + 32'd1;
        if (m_valid && m_ready && m_data[M_BITS-1]) frames_out <= frames_out + 32'd1;
        if (frame_error && accelerator_rst_n)            errors[ERRORS_FRAME]   <= 1'b1;
        if (damaged)                                     errors[ERRORS_CRC]     <= 1'b1;
        if (finish && is_send && !in_turn)               errors[ERRORS_DROPPED] <= 1'b1;
        if (kept_one && dropped)                         errors[ERRORS_DROPPED] <= 1'b1;
        if (no_stop)                                     errors[ERRORS_STOP]    <= 1'b1;
        if (clear || !rst_n) begin
            cycles     <= '0;
            frames_in  <= '0;
            frames_out <= '0;
            errors     <= '0;
        end
        any_error  <= errors != '0;
        frames_low <= frames_out[3:0];
    end
    always_comb begin
        case (address)
            REG_MAGIC:      value = MAGIC;
            REG_BUILD:      value = BUILD;
            REG_VERSION:    value = VERSION;
            REG_CLOCK_HZ:   value = CLOCK_HZ;
            REG_FRAMES_IN:  value = frames_in;
            REG_FRAMES_OUT: value = frames_out;
            REG_CYCLES:     value = cycles;
            REG_LOADED:     value = '0;
            default:        value = 32'(errors);
        endcase
    end

    // Answers: flag, header, four bytes of `answer` or the stream's bytes and its end, CRC, flag
    typedef enum logic [2:0] {IDLE, OPEN, HEAD, BODY, TAIL, CRC_LOW, CRC_HIGH, CLOSE} state_t;
    state_t      state;
    logic [2:0]  kind;
    logic [3:0]  number;
    logic [31:0] answer;
    logic [2:0]  body_left;
    wire         sent     = packet_valid && packet_ready;
    wire         receives = kind == RECEIVE;
    wire         body_end = receives ? out_empty : body_left == '0;
    assign is_flag = state == OPEN || state == CLOSE;
    assign is_crc  = state == CRC_LOW || state == CRC_HIGH;
    assign take    = sent && state == BODY && receives;
    assign packet_valid = state != IDLE && !(state == BODY && body_end);
    always_comb begin
        case (state)
            HEAD:    packet_data = {kind, 1'b0, number};
            BODY:    packet_data = receives ? out_data : answer[7:0];
            default: packet_data = {7'd0, out_last};
        endcase
    end
    always_ff @(posedge clk) begin
        read_done    <= 1'b0;
        write_done   <= 1'b0;
        send_done    <= 1'b0;
        receive_done <= 1'b0;
        open         <= 1'b0;
        case (state)
            IDLE: begin
                body_left <= 3'd4;
                number    <= '0;
                answer    <= value;
                if (write_due && !write_done) begin
                    kind       <= WRITE;
                    body_left  <= '0;
                    write_done <= 1'b1;
                    state      <= OPEN;
                end else if (read_due && !read_done) begin
                    kind      <= READ;
                    number    <= address[3:0];
                    read_done <= 1'b1;
                    state     <= OPEN;
                end else if (send_due && !send_done && !kept_one) begin
                    kind      <= SEND;
                    number    <= turn_in;
                    answer    <= 32'(free);
                    send_done <= 1'b1;
                    state     <= OPEN;
                end else if (receive_due && !receive_done) begin
                    kind         <= RECEIVE;
                    number       <= wanted;
                    open         <= 1'b1;
                    receive_done <= 1'b1;
                    state        <= OPEN;
                end
            end
            OPEN: if (sent) state <= HEAD;
            HEAD: if (sent) state <= BODY;
            BODY: begin
                if (body_end) state <= receives ? TAIL : CRC_LOW;
                if (sent) begin
                    answer    <= answer >> 8;
                    body_left <= body_left - 3'd1;
                end
            end
            TAIL:     if (sent) state <= CRC_LOW;
            CRC_LOW:  if (sent) state <= CRC_HIGH;
            CRC_HIGH: if (sent) state <= CLOSE;
            default:  if (sent) state <= IDLE;
        endcase
        if (!rst_n) state <= IDLE;
    end
endmodule

`default_nettype wire
