// out[i0][i1][i2][i3] = in[i0 * s0 + i1 * s1 + i2 * s2 + i3 * s3]: a frame's words in another order, or several times.
#ifndef CODESIGN_REARRANGE_H_
#define CODESIGN_REARRANGE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void rearrange(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::n0 * CONFIG_T::n1 * CONFIG_T::n2 * CONFIG_T::n3]) {
    #pragma HLS PIPELINE
    unsigned o = 0;
    for (unsigned i0 = 0; i0 < CONFIG_T::n0; i0++)
        for (unsigned i1 = 0; i1 < CONFIG_T::n1; i1++)
            for (unsigned i2 = 0; i2 < CONFIG_T::n2; i2++)
                for (unsigned i3 = 0; i3 < CONFIG_T::n3; i3++)
                    y[o++] = x[i0 * CONFIG_T::s0 + i1 * CONFIG_T::s1 + i2 * CONFIG_T::s2 + i3 * CONFIG_T::s3];
}

template <class data_T, class res_T, typename CONFIG_T> void rearrange(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typename data_T::value_type kept[CONFIG_T::frame];
Fill:
    for (unsigned i = 0; i < CONFIG_T::frame; i += CONFIG_T::channels) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            kept[i + c] = in[c];
        }
    }
    for (unsigned i0 = 0; i0 < CONFIG_T::n0; i0++) {
        for (unsigned i1 = 0; i1 < CONFIG_T::n1; i1++) {
        Drain:
            for (unsigned i2 = 0; i2 < CONFIG_T::n2; i2++) {
                #pragma HLS PIPELINE
                res_T out;
                PRAGMA_DATA_PACK(out)
                for (unsigned i3 = 0; i3 < CONFIG_T::n3; i3++) {
                    #pragma HLS UNROLL
                    out[i3] = kept[i0 * CONFIG_T::s0 + i1 * CONFIG_T::s1 + i2 * CONFIG_T::s2 + i3 * CONFIG_T::s3];
                }
                y.write(out);
            }
        }
    }
}

} // namespace nnet

#endif
