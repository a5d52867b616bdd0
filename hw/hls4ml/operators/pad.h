// A frame with a constant around it.
#ifndef CODESIGN_PAD_H_
#define CODESIGN_PAD_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <typename CONFIG_T> bool pad_inside(long r, long c) {
    #pragma HLS INLINE
    return r >= CONFIG_T::top && r < CONFIG_T::top + CONFIG_T::height && c >= CONFIG_T::left &&
           c < CONFIG_T::left + CONFIG_T::width;
}

template <class data_T, class res_T, typename CONFIG_T>
void pad(data_T x[CONFIG_T::height * CONFIG_T::width * CONFIG_T::channels],
         res_T y[CONFIG_T::padded_height * CONFIG_T::padded_width * CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    long in = 0, out = 0;
Rows:
    for (long r = 0; r < CONFIG_T::padded_height; r++) {
    Columns:
        for (long c = 0; c < CONFIG_T::padded_width; c++) {
        Channels:
            for (long k = 0; k < CONFIG_T::channels; k++) {
                if (pad_inside<CONFIG_T>(r, c))
                    y[out] = x[in++];
                else
                    y[out] = CONFIG_T::value;
                out++;
            }
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T> void pad(hls::stream<data_T> &x, hls::stream<res_T> &y) {
Rows:
    for (long r = 0; r < CONFIG_T::padded_height; r++) {
    Columns:
        for (long c = 0; c < CONFIG_T::padded_width; c++) {
            #pragma HLS LOOP_FLATTEN
            #pragma HLS PIPELINE
            res_T out;
            PRAGMA_DATA_PACK(out)
        Fill:
            for (long k = 0; k < CONFIG_T::channels; k++) {
                #pragma HLS UNROLL
                out[k] = CONFIG_T::value;
            }
            if (pad_inside<CONFIG_T>(r, c)) {
                const data_T in = x.read();
            Channels:
                for (long k = 0; k < CONFIG_T::channels; k++) {
                    #pragma HLS UNROLL
                    out[k] = in[k];
                }
            }
            y.write(out);
        }
    }
}

} // namespace nnet

#endif
