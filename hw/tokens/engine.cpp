// Runs a token model: processes that take words from links and give words to links, each phase as soon as it can.
//
// Every cycle, the processes that something happened to are looked at in the order of their numbers, which is such that
// what acts within the cycle comes first (network.py says how). A process that lacks a word or a place
// sleeps until its link changes; one that is busy sleeps until it is done. The run ends with the last frame asked for,
// where the whole state is that of an earlier frame's end (then all repeats), where a frame takes too long, or where
// nothing can move any more.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

extern "C" {
struct Arc { int32_t link, least, amount; };  // words or places that must be there, and that are moved
struct Phase { int32_t times, cycles, inputs, outputs, arcs; };  // its arcs lie one behind the other from `arcs` on
struct Link {
    int32_t producer, consumer, places, forward, back, initial;
    int64_t* moved;            // out: the cycle in which each word was taken, or null
    int64_t size;              // room there
    int64_t taken;             // out: words taken
    int64_t most;              // out: the most words in it
};
struct Process {
    int32_t first, count;      // its phases
    int64_t period;            // cycles between the starts of two rounds at least, or 0
    const int64_t* earliest;   // the cycle of each start at the earliest, or null; no start beyond the last
    int64_t starts;            // their number
    const uint8_t* open;       // whether it may start in each cycle, or null; beyond the last it may
    int64_t cycles;            // their number
    int64_t done;              // out: starts
    int32_t waits;             // out: the link that it waits for, or -1
    int32_t for_room;          // out: whether for a place, else for a word
};
struct Request {
    const Arc* arcs;
    const Phase* phases;
    Link* links;
    Process* processes;
    int32_t link_count, process_count;
    int32_t watched;           // the process whose starts are counted in frames
    int64_t frame;             // its starts a frame
    int64_t frames;            // frames to run at most, where no state comes again
    int64_t* ends;             // out: the cycle of each frame's last start
    int64_t ended;             // out: frames that ended
    int64_t period, span;      // out: frames after which the state comes again, and their cycles, or 0
    int64_t limit;             // cycles to run at most
    int64_t pace;              // cycles that a frame may take behind the first `settled` (>= 1) ones, or 0
    int64_t settled;
    int64_t cycles;            // out
    int32_t stuck;             // out: nothing can move any more
    int32_t slow;              // out: a frame took longer than `pace`, where the run ended
};
}

namespace {
struct Line { int64_t there, held; };                   // of a link: words that can be taken, places in use
struct State { int32_t phase, left; int64_t busy; };    // of a process: phase, repeats left, when it may start again
struct Event { int32_t link, amount; bool room; };

struct Engine {
    Request& r;
    std::vector<Line> lines;
    std::vector<State> states;
    std::vector<std::vector<Event>> events;             // by cycle, modulo
    std::vector<std::vector<uint64_t>> awake;           // by cycle, modulo: bits of processes to look at
    int64_t event_mask, wake_mask, now = 0, busy_until = 0;
    std::vector<std::vector<int64_t>> seen;             // states at frames' ends

    static int64_t power(int64_t least) {
        int64_t size = 1;
        while (size < least) size *= 2;
        return size;
    }

    explicit Engine(Request& request) : r(request) {
        int64_t delay = 1, cycles = 1;
        for (int i = 0; i < r.link_count; i++) {
            Link& link = r.links[i];
            lines.push_back({link.initial, link.initial});
            link.taken = 0;
            link.most = link.initial;
            delay = std::max<int64_t>({delay, link.forward, link.back});
        }
        for (int i = 0; i < r.process_count; i++) {
            Process& p = r.processes[i];
            p.done = 0;
            p.waits = -1;
            states.push_back({0, r.phases[p.first].times, 0});
            for (int k = 0; k < p.count; k++) cycles = std::max<int64_t>(cycles, r.phases[p.first + k].cycles);
        }
        events.resize(power(delay + 1));
        awake.assign(std::min<int64_t>(power(cycles + 1), 1 << 12), std::vector<uint64_t>((r.process_count + 63) / 64));
        event_mask = int64_t(events.size()) - 1;
        wake_mask = int64_t(awake.size()) - 1;
        for (int i = 0; i < r.process_count; i++) wake(i, 0);
    }

    void wake(int process, int64_t when) {
        when = std::min(when, now + wake_mask);  // it looks again then
        awake[when & wake_mask][process >> 6] |= uint64_t(1) << (process & 63);
        busy_until = std::max(busy_until, when);
    }

    void arrive(int link, int amount) {
        lines[link].there += amount;
        if (r.links[link].consumer >= 0) wake(r.links[link].consumer, now);
    }
    void vacate(int link, int amount) {
        lines[link].held -= amount;
        if (r.links[link].producer >= 0) wake(r.links[link].producer, now);
    }
    void later(int delay, Event event) {
        events[(now + delay) & event_mask].push_back(event);
        busy_until = std::max(busy_until, now + delay);
    }

    int64_t rounds(const Process& p) const {  // starts of a round
        int64_t starts = 0;
        for (int k = 0; k < p.count; k++) starts += r.phases[p.first + k].times;
        return starts;
    }

    // Whether it may start as far as the outside is concerned; else when to look again, or -1.
    int64_t allowed(const Process& p, const State& s) const {
        int64_t when = now;
        if (p.earliest) {
            if (p.done >= p.starts) return -1;
            when = std::max(when, p.earliest[p.done]);
        }
        if (p.period && s.phase == 0 && s.left == r.phases[p.first].times) {
            when = std::max(when, p.done / rounds(p) * p.period);
        }
        return when;
    }

    void look(int index) {
        Process& p = r.processes[index];
        State& s = states[index];
        if (s.busy > now) return wake(index, s.busy);
        int64_t when = allowed(p, s);
        if (when < 0) return;
        if (when > now) return wake(index, when);
        const Phase& phase = r.phases[p.first + s.phase];
        const Arc* arc = r.arcs + phase.arcs;
        for (int i = 0; i < phase.inputs; i++, arc++) {
            if (lines[arc->link].there < arc->least) return void((p.waits = arc->link, p.for_room = 0));
        }
        for (int i = 0; i < phase.outputs; i++, arc++) {
            if (lines[arc->link].held + arc->least > r.links[arc->link].places) return void((p.waits = arc->link, p.for_room = 1));
        }
        if (p.open && now < p.cycles && !p.open[now]) return wake(index, now + 1);
        p.waits = -1;
        start(index, p, s, phase);
    }

    void start(int index, Process& p, State& s, const Phase& phase) {
        const Arc* arc = r.arcs + phase.arcs;
        for (int i = 0; i < phase.inputs; i++, arc++) {
            if (!arc->amount) continue;
            Link& link = r.links[arc->link];
            lines[arc->link].there -= arc->amount;
            if (link.moved && link.taken < link.size) link.moved[link.taken] = now;
            link.taken += arc->amount;
            if (link.back) later(link.back, {arc->link, arc->amount, true});
            else vacate(arc->link, arc->amount);
        }
        for (int i = 0; i < phase.outputs; i++, arc++) {
            if (!arc->amount) continue;
            Link& link = r.links[arc->link];
            Line& line = lines[arc->link];
            line.held += arc->amount;
            link.most = std::max(link.most, line.held);
            if (link.forward) later(link.forward, {arc->link, arc->amount, false});
            else arrive(arc->link, arc->amount);
        }
        p.done++;
        if (--s.left == 0) {
            s.phase = s.phase + 1 == p.count ? 0 : s.phase + 1;
            s.left = r.phases[p.first + s.phase].times;
        }
        s.busy = now + phase.cycles;
        wake(index, s.busy);
    }

    void cycle() {
        auto& arrived = events[now & event_mask];
        for (const Event& e : arrived) e.room ? vacate(e.link, e.amount) : arrive(e.link, e.amount);
        arrived.clear();
        auto& bits = awake[now & wake_mask];
        for (size_t word = 0; word < bits.size(); word++) {
            while (bits[word]) {
                int bit = __builtin_ctzll(bits[word]);
                bits[word] &= bits[word] - 1;
                look(int(word * 64) + bit);
            }
        }
    }

    // The frame that just ended; true where the run is over.
    bool frame_ended() {
        r.ends[r.ended++] = now;
        std::vector<int64_t> state;
        for (auto& s : states) state.insert(state.end(), {s.phase, s.left, std::max<int64_t>(0, s.busy - now)});
        for (auto& line : lines) state.insert(state.end(), {line.there, line.held});
        std::vector<int64_t> waiting;
        for (int64_t d = 1; d <= event_mask; d++) {
            waiting.assign(2 * lines.size(), 0);
            auto& list = events[(now + d) & event_mask];
            for (const Event& e : list) waiting[2 * e.link + e.room] += e.amount;
            for (size_t i = 0; i < waiting.size(); i++) {
                if (waiting[i]) state.insert(state.end(), {d, int64_t(i), waiting[i]});
            }
        }
        for (int i = 0; i < r.process_count; i++) {  // how far it is from what the outside allows
            const Process& p = r.processes[i];
            if (p.period) {  // the round that begins next
                int64_t next = (p.done + rounds(p) - 1) / rounds(p) * p.period;
                state.push_back(std::max<int64_t>(0, next - now));
            }
            if (p.earliest || p.open) return r.ended >= r.frames;  // what is given from outside does not repeat
        }
        for (size_t i = seen.size(); i-- > 0;) {
            if (seen[i] != state) continue;
            r.period = r.ended - 1 - int64_t(i);
            r.span = now - r.ends[i];
            return true;
        }
        seen.push_back(std::move(state));
        return r.ended >= r.frames;
    }

    void run() {
        r.ended = r.period = r.span = 0;
        r.stuck = r.slow = 0;
        for (; now < r.limit; now++) {
            int64_t before = r.watched >= 0 ? r.processes[r.watched].done : 0;
            cycle();
            if (r.watched >= 0 && r.processes[r.watched].done != before) {
                if (r.processes[r.watched].done % r.frame == 0 && frame_ended()) break;
            }
            if (r.pace && r.ended >= r.settled && now - r.ends[r.ended - 1] >= r.pace) {
                r.slow = 1;
                break;
            }
            if (busy_until <= now) {
                r.stuck = 1;
                break;
            }
        }
        r.cycles = now;
    }
};
}  // namespace

extern "C" void tokens_run(Request* request) {
    Engine engine(*request);
    engine.run();
}
