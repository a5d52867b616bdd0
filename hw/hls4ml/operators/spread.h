// Every position becomes factor_height x factor_width of them: copies of it, or itself and zeros after it.
#ifndef CODESIGN_SPREAD_H_
#define CODESIGN_SPREAD_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void spread(data_T x[CONFIG_T::height * CONFIG_T::width * CONFIG_T::channels],
            res_T y[CONFIG_T::height * CONFIG_T::factor_height * CONFIG_T::width * CONFIG_T::factor_width *
                    CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    long out = 0;
Rows:
    for (long r = 0; r < CONFIG_T::height * CONFIG_T::factor_height; r++) {
    Columns:
        for (long c = 0; c < CONFIG_T::width * CONFIG_T::factor_width; c++) {
            const bool seen = CONFIG_T::copies || (r % CONFIG_T::factor_height == 0 && c % CONFIG_T::factor_width == 0);
            const long at = r / CONFIG_T::factor_height * CONFIG_T::width + c / CONFIG_T::factor_width;
        Channels:
            for (long k = 0; k < CONFIG_T::channels; k++) {
                if (seen)
                    y[out] = x[at * CONFIG_T::channels + k];
                else
                    y[out] = 0;
                out++;
            }
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T> void spread(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typename data_T::value_type row[CONFIG_T::width][CONFIG_T::channels];
    #pragma HLS ARRAY_RESHAPE variable=row complete dim=2
Rows:
    for (long r = 0; r < CONFIG_T::height; r++) {
    RowCopies:
        for (long i = 0; i < CONFIG_T::factor_height; i++) {
        Columns:
            for (long c = 0; c < CONFIG_T::width; c++) {
            ColumnCopies:
                for (long j = 0; j < CONFIG_T::factor_width; j++) {
                    #pragma HLS LOOP_FLATTEN
                    #pragma HLS PIPELINE
                    if (i == 0 && j == 0) {
                        const data_T in = x.read();
                    Keep:
                        for (long k = 0; k < CONFIG_T::channels; k++) {
                            #pragma HLS UNROLL
                            row[c][k] = in[k];
                        }
                    }
                    const bool seen = CONFIG_T::copies || (i == 0 && j == 0);
                    res_T out;
                    PRAGMA_DATA_PACK(out)
                Channels:
                    for (long k = 0; k < CONFIG_T::channels; k++) {
                        #pragma HLS UNROLL
                        if (seen)
                            out[k] = row[c][k];
                        else
                            out[k] = 0;
                    }
                    y.write(out);
                }
            }
        }
    }
}

} // namespace nnet

#endif
