// clamp((x * multiplier + offset) >> shift, low, high), channel by channel, as the integer graph defines it.
#ifndef CODESIGN_REQUANTIZE_H_
#define CODESIGN_REQUANTIZE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class x_T, class y_T, typename CONFIG_T>
y_T requantize_one(x_T x, typename CONFIG_T::multiplier_t multiplier, typename CONFIG_T::offset_t offset) {
    #pragma HLS INLINE
    typename CONFIG_T::sum_t sum = x * multiplier;
    sum += offset;
    sum = sum >> CONFIG_T::shift; // arithmetic: it floors
    if (sum < CONFIG_T::low)
        return y_T(CONFIG_T::low);
    if (sum > CONFIG_T::high)
        return y_T(CONFIG_T::high);
    return y_T(sum);
}

template <class data_T, class res_T, typename CONFIG_T>
void requantize(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::frame],
                typename CONFIG_T::multiplier_t multiplier[CONFIG_T::channels],
                typename CONFIG_T::offset_t offset[CONFIG_T::channels]) {
    #pragma HLS ARRAY_PARTITION variable=multiplier complete
    #pragma HLS ARRAY_PARTITION variable=offset complete
    #pragma HLS PIPELINE
Words:
    for (unsigned i = 0; i < CONFIG_T::frame; i++) {
        const unsigned c = i % CONFIG_T::channels;
        y[i] = requantize_one<data_T, res_T, CONFIG_T>(x[i], multiplier[c], offset[c]);
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void requantize(hls::stream<data_T> &x, hls::stream<res_T> &y,
                typename CONFIG_T::multiplier_t multiplier[CONFIG_T::channels],
                typename CONFIG_T::offset_t offset[CONFIG_T::channels]) {
    #pragma HLS ARRAY_PARTITION variable=multiplier complete
    #pragma HLS ARRAY_PARTITION variable=offset complete
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame / CONFIG_T::channels; i++) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
        res_T out;
        PRAGMA_DATA_PACK(out)
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            out[c] = requantize_one<typename data_T::value_type, typename res_T::value_type, CONFIG_T>(
                in[c], multiplier[c], offset[c]);
        }
        y.write(out);
    }
}

} // namespace nnet

#endif
