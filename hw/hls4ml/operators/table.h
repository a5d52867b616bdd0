// values[x - first], channel by channel, from one row of values for all channels or a row for each.
#ifndef CODESIGN_TABLE_H_
#define CODESIGN_TABLE_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class x_T, typename CONFIG_T>
typename CONFIG_T::values_t table_one(x_T x, unsigned c,
                                      typename CONFIG_T::values_t values[CONFIG_T::rows * CONFIG_T::size],
                                      typename CONFIG_T::first_t first[CONFIG_T::channels]) {
    #pragma HLS INLINE
    const typename CONFIG_T::index_t index = x - first[c];
    const unsigned row = CONFIG_T::rows == 1 ? 0 : c;
    return values[row * CONFIG_T::size + index.to_uint()];
}

template <class data_T, class res_T, typename CONFIG_T>
void exact_table(data_T x[CONFIG_T::frame], res_T y[CONFIG_T::frame],
           typename CONFIG_T::values_t values[CONFIG_T::rows * CONFIG_T::size],
           typename CONFIG_T::first_t first[CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    #pragma HLS ARRAY_PARTITION variable=first complete
Words:
    for (unsigned i = 0; i < CONFIG_T::frame; i++)
        y[i] = table_one<data_T, CONFIG_T>(x[i], i % CONFIG_T::channels, values, first);
}

template <class data_T, class res_T, typename CONFIG_T>
void exact_table(hls::stream<data_T> &x, hls::stream<res_T> &y,
           typename CONFIG_T::values_t values[CONFIG_T::rows * CONFIG_T::size],
           typename CONFIG_T::first_t first[CONFIG_T::channels]) {
    #pragma HLS ARRAY_PARTITION variable=first complete
Positions:
    for (unsigned i = 0; i < CONFIG_T::frame / CONFIG_T::channels; i++) {
        #pragma HLS PIPELINE
        const data_T in = x.read();
        res_T out;
        PRAGMA_DATA_PACK(out)
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            out[c] = table_one<typename data_T::value_type, CONFIG_T>(in[c], c, values, first);
        }
        y.write(out);
    }
}

} // namespace nnet

#endif
