// low + the number of thresholds that x reaches; a falling channel counts those that it does not reach.
#ifndef CODESIGN_THRESHOLD_H_
#define CODESIGN_THRESHOLD_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class x_T, typename CONFIG_T>
typename CONFIG_T::count_t threshold_one(x_T x, unsigned c,
                                         typename CONFIG_T::threshold_t threshold[CONFIG_T::channels * CONFIG_T::levels],
                                         typename CONFIG_T::falling_t falling[CONFIG_T::channels]) {
    #pragma HLS INLINE
    typename CONFIG_T::count_t count = 0;
Levels:
    for (unsigned l = 0; l < CONFIG_T::levels; l++) {
        #pragma HLS UNROLL
        if (x >= threshold[c * CONFIG_T::levels + l])
            count += 1;
    }
    if (falling[c] != 0)
        count = CONFIG_T::levels - count;
    count += CONFIG_T::low;
    return count;
}

template <class data_T, class res_T, typename CONFIG_T>
void exact_threshold(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::frame],
               typename CONFIG_T::threshold_t threshold[CONFIG_T::channels * CONFIG_T::levels],
               typename CONFIG_T::falling_t falling[CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    #pragma HLS ARRAY_PARTITION variable=threshold complete
    #pragma HLS ARRAY_PARTITION variable=falling complete
Words:
    for (unsigned i = 0; i < CONFIG_T::frame; i++)
        y[i] = threshold_one<data_T, CONFIG_T>(x[i], i % CONFIG_T::channels, threshold, falling);
}

template <class data_T, class res_T, typename CONFIG_T>
void exact_threshold(hls::stream<data_T> &x, hls::stream<res_T> &y,
               typename CONFIG_T::threshold_t threshold[CONFIG_T::channels * CONFIG_T::levels],
               typename CONFIG_T::falling_t falling[CONFIG_T::channels]) {
    #pragma HLS ARRAY_PARTITION variable=threshold complete
    #pragma HLS ARRAY_PARTITION variable=falling complete
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame / CONFIG_T::channels; i++) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
        res_T out;
        PRAGMA_DATA_PACK(out)
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            out[c] = threshold_one<typename data_T::value_type, CONFIG_T>(in[c], c, threshold, falling);
        }
        y.write(out);
    }
}

} // namespace nnet

#endif
