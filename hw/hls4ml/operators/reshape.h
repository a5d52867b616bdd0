// The same words in the same order, with another number of them side by side.
#ifndef CODESIGN_RESHAPE_H_
#define CODESIGN_RESHAPE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void exact_reshape(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::frame]) {
    #pragma HLS PIPELINE
Words:
    for (unsigned i = 0; i < CONFIG_T::frame; i++)
        y[i] = x[i];
}

// A step moves as many words as divide both streams' numbers of them: all where these are equal.
template <class data_T, class res_T, typename CONFIG_T>
void exact_reshape(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    unsigned at_in = 0, at_out = 0; // words of both that are done
    data_T in;
    res_T out;
    PRAGMA_DATA_PACK(out)
Steps:
    for (unsigned i = 0; i < CONFIG_T::frame; i += CONFIG_T::step) {
        #pragma HLS PIPELINE
        if (at_in == 0)
            in = x.read();
    Words:
        for (unsigned j = 0; j < CONFIG_T::step; j++) {
            #pragma HLS UNROLL
            out[at_out + j] = in[at_in + j];
        }
        at_in += CONFIG_T::step;
        if (at_in == CONFIG_T::before)
            at_in = 0;
        at_out += CONFIG_T::step;
        if (at_out == CONFIG_T::after) {
            y.write(out);
            at_out = 0;
        }
    }
}

} // namespace nnet

#endif
