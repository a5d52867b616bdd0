// A part of a frame: from a first index, one in every step, along each axis.
#ifndef CODESIGN_SLICE_H_
#define CODESIGN_SLICE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void exact_slice(data_T x[CONFIG_T::n0 * CONFIG_T::n1 * CONFIG_T::n2 * CONFIG_T::n3], res_T y[CONFIG_T::kept]) {
    #pragma HLS PIPELINE
    unsigned o = 0;
    for (unsigned i0 = CONFIG_T::first0; i0 < CONFIG_T::end0; i0 += CONFIG_T::step0)
        for (unsigned i1 = CONFIG_T::first1; i1 < CONFIG_T::end1; i1 += CONFIG_T::step1)
            for (unsigned i2 = CONFIG_T::first2; i2 < CONFIG_T::end2; i2 += CONFIG_T::step2)
                for (unsigned i3 = CONFIG_T::first3; i3 < CONFIG_T::end3; i3 += CONFIG_T::step3)
                    y[o++] = x[((i0 * CONFIG_T::n1 + i1) * CONFIG_T::n2 + i2) * CONFIG_T::n3 + i3];
}

// Whether the index i is the next of the slice, which then moves on.
inline bool in_slice(unsigned i, unsigned &next, unsigned end, unsigned step) {
    #pragma HLS INLINE
    const bool taken = i == next && i < end;
    if (taken)
        next += step;
    return taken;
}

// Every position is read, and those of the slice are passed on: nothing is kept.
template <class data_T, class res_T, typename CONFIG_T>
void exact_slice(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    unsigned next0 = CONFIG_T::first0;
    for (unsigned i0 = 0; i0 < CONFIG_T::n0; i0++) {
        const bool take0 = in_slice(i0, next0, CONFIG_T::end0, CONFIG_T::step0);
        unsigned next1 = CONFIG_T::first1;
        for (unsigned i1 = 0; i1 < CONFIG_T::n1; i1++) {
            const bool take1 = in_slice(i1, next1, CONFIG_T::end1, CONFIG_T::step1);
            unsigned next2 = CONFIG_T::first2;
        Positions:
            for (unsigned i2 = 0; i2 < CONFIG_T::n2; i2++) {
                #pragma HLS PIPELINE
                const data_T in = x.read();
                res_T out;
                PRAGMA_DATA_PACK(out)
                for (unsigned c = 0; c < res_T::size; c++) {
                    #pragma HLS UNROLL
                    out[c] = in[CONFIG_T::first3 + c * CONFIG_T::step3];
                }
                const bool take2 = in_slice(i2, next2, CONFIG_T::end2, CONFIG_T::step2);
                if (take0 && take1 && take2)
                    y.write(out);
            }
        }
    }
}

} // namespace nnet

#endif
