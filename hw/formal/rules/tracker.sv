// Counts the words between two points of a kernel and follows a chosen one of them.
//
// Words go in with `put` and come out with `give`, in order. Of every so many (a power of two above MOST) the one numbered
// `chosen` is kept when it goes in; `here` is high while it is the one that shows, and must be equal to `word`. As `chosen`
// is any number, that holds for every word: none is lost, repeated or overtaken. `inside` words are on their way.
`default_nettype none

module tracker #(
    parameter int unsigned WORD_BITS = 1,
    parameter int unsigned MOST      = 2,  // words inside at a time
    parameter int unsigned BITS      = $clog2(MOST + 1)
) (
    input  wire                  clk,
    input  wire                  rst_n,
    input  wire  [BITS-1:0]      chosen,

    input  wire                  put,
    input  wire  [WORD_BITS-1:0] put_word,
    input  wire                  shown,   // the word that comes out next is shown
    input  wire                  give,    // and leaves

    output wire  [BITS-1:0]      inside,
    output wire                  here,
    output logic [WORD_BITS-1:0] word
);
    logic [BITS-1:0] puts, gives;
    logic            was_full = 1'b0;
    assign inside = puts - gives;
    assign here   = shown && gives == chosen;

    always @(posedge clk) begin
        if (!rst_n) begin
            puts  <= '0;
            gives <= '0;
        end else begin
            puts  <= puts + BITS'(put);
            gives <= gives + BITS'(give);
        end
        was_full <= rst_n && (was_full || inside == BITS'(MOST));
        if (put && puts == chosen) word <= put_word;
    end

    always @* if (rst_n) begin
        nothing_from_nothing: assert (!shown || inside != '0);
        no_more_than_fit:     assert (!put || give || inside != BITS'(MOST));
        reaches_full:         cover (inside == BITS'(MOST));
        empties_again:        cover (was_full && inside == '0);
        follows_a_word:       cover (was_full && here && give);
    end
endmodule

`default_nettype wire
