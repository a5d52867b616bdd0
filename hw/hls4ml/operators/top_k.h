// The k largest channels of a position in falling order, of equal ones the lower channel first: values or numbers.
#ifndef CODESIGN_TOP_K_H_
#define CODESIGN_TOP_K_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class x_T, class y_T, typename CONFIG_T>
void top_k_position(const x_T in[CONFIG_T::channels], y_T out[CONFIG_T::k]) {
    #pragma HLS INLINE
    bool taken[CONFIG_T::channels];
    #pragma HLS ARRAY_PARTITION variable=taken complete
Clear:
    for (unsigned c = 0; c < CONFIG_T::channels; c++) {
        #pragma HLS UNROLL
        taken[c] = false;
    }
Places:
    for (unsigned place = 0; place < CONFIG_T::k; place++) {
        #pragma HLS UNROLL
        bool found = false;
        x_T best = 0;
        typename CONFIG_T::index_t at = 0;
    Channels:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            if (!taken[c] && (!found || in[c] > best)) {
                found = true;
                best = in[c];
                at = c;
            }
        }
    Take:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            if (at == c)
                taken[c] = true;
        }
        if (CONFIG_T::indices)
            out[place] = at;
        else
            out[place] = best;
    }
}

template <class data_T, class res_T, typename CONFIG_T>
void top_k(data_T x[CONFIG_T::positions * CONFIG_T::channels], res_T y[CONFIG_T::positions * CONFIG_T::k]) {
    #pragma HLS PIPELINE
Positions:
    for (unsigned i = 0; i < CONFIG_T::positions; i++) {
        data_T in[CONFIG_T::channels];
        #pragma HLS ARRAY_PARTITION variable=in complete
        res_T out[CONFIG_T::k];
        #pragma HLS ARRAY_PARTITION variable=out complete
    Load:
        for (unsigned c = 0; c < CONFIG_T::channels; c++)
            in[c] = x[i * CONFIG_T::channels + c];
        top_k_position<data_T, res_T, CONFIG_T>(in, out);
    Store:
        for (unsigned place = 0; place < CONFIG_T::k; place++)
            y[i * CONFIG_T::k + place] = out[place];
    }
}

template <class data_T, class res_T, typename CONFIG_T> void top_k(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typedef typename data_T::value_type in_t;
    typedef typename res_T::value_type out_t;
Positions:
    for (unsigned i = 0; i < CONFIG_T::positions; i++) {
        #pragma HLS PIPELINE
        const data_T word = x.read();
        in_t in[CONFIG_T::channels];
        #pragma HLS ARRAY_PARTITION variable=in complete
        out_t out[CONFIG_T::k];
        #pragma HLS ARRAY_PARTITION variable=out complete
    Load:
        for (unsigned c = 0; c < CONFIG_T::channels; c++) {
            #pragma HLS UNROLL
            in[c] = word[c];
        }
        top_k_position<in_t, out_t, CONFIG_T>(in, out);
        res_T packed;
        PRAGMA_DATA_PACK(packed)
    Store:
        for (unsigned place = 0; place < CONFIG_T::k; place++) {
            #pragma HLS UNROLL
            packed[place] = out[place];
        }
        y.write(packed);
    }
}

} // namespace nnet

#endif
