// The sum of a frame's positions, channel by channel.
#ifndef CODESIGN_GLOBAL_SUM_H_
#define CODESIGN_GLOBAL_SUM_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void global_sum(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::channels]) {
    #pragma HLS PIPELINE
Channels:
    for (unsigned c = 0; c < CONFIG_T::channels; c++) {
        res_T sum = 0;
    Positions:
        for (unsigned i = c; i < CONFIG_T::frame; i += CONFIG_T::channels)
            sum += x[i];
        y[c] = sum;
    }
}

template <class data_T, class res_T, typename CONFIG_T> void global_sum(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typename res_T::value_type sum[CONFIG_T::channels];
    #pragma HLS ARRAY_PARTITION variable=sum complete
Clear:
    for (unsigned c = 0; c < CONFIG_T::channels; c++) {
        #pragma HLS UNROLL
        sum[c] = 0;
    }
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame / CONFIG_T::channels; i++) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            sum[c] += in[c];
        }
    }
    res_T out;
    PRAGMA_DATA_PACK(out)
Copy:
    for (unsigned c = 0; c < CONFIG_T::channels; c++) {
        #pragma HLS UNROLL
        out[c] = sum[c];
    }
    y.write(out);
}

} // namespace nnet

#endif
