// out[c] = in[order[c]] at every position.
#ifndef CODESIGN_CHANNEL_SHUFFLE_H_
#define CODESIGN_CHANNEL_SHUFFLE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void channel_shuffle(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::frame],
                     typename CONFIG_T::order_t order[CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    #pragma HLS ARRAY_PARTITION variable=order complete
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame; i += CONFIG_T::channels)
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++)
            y[i + c] = x[i + order[c].to_uint()];
}

template <class data_T, class res_T, typename CONFIG_T>
void channel_shuffle(hls::stream<data_T> &x, hls::stream<res_T> &y,
                     typename CONFIG_T::order_t order[CONFIG_T::channels]) {
    #pragma HLS ARRAY_PARTITION variable=order complete
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame / CONFIG_T::channels; i++) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
        res_T out;
        PRAGMA_DATA_PACK(out)
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            out[c] = in[order[c].to_uint()];
        }
        y.write(out);
    }
}

} // namespace nnet

#endif
