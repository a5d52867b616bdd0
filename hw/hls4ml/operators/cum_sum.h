// Running sums along one axis: a frame is outer x size x inner words, and a sum is kept for each of the inner ones.
#ifndef CODESIGN_CUM_SUM_H_
#define CODESIGN_CUM_SUM_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T>
void cum_sum(data_T x[CONFIG_T::outer * CONFIG_T::size * CONFIG_T::inner],
             res_T y[CONFIG_T::outer * CONFIG_T::size * CONFIG_T::inner]) {
    #pragma HLS PIPELINE
    for (unsigned o = 0; o < CONFIG_T::outer; o++) {
        for (unsigned j = 0; j < CONFIG_T::inner; j++) {
            typename CONFIG_T::sum_t sum = 0;
            for (unsigned i = 0; i < CONFIG_T::size; i++) {
                const unsigned at = (o * CONFIG_T::size + i) * CONFIG_T::inner + j;
                const typename CONFIG_T::sum_t before = sum;
                sum += x[at];
                y[at] = CONFIG_T::exclusive ? before : sum;
            }
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T> void cum_sum(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typename CONFIG_T::sum_t sums[CONFIG_T::inner];
    for (unsigned o = 0; o < CONFIG_T::outer; o++) {
        for (unsigned i = 0; i < CONFIG_T::size; i++) {
        Positions:
            for (unsigned j = 0; j < CONFIG_T::inner; j += data_T::size) {
                #pragma HLS PIPELINE
                const data_T in = x.read();
                res_T out;
                PRAGMA_DATA_PACK(out)
            Channels:
                for (unsigned c = 0; c < data_T::size; c++) {
                    #pragma HLS UNROLL
                    typename CONFIG_T::sum_t before = 0;
                    if (i > 0)
                        before = sums[j + c];
                    typename CONFIG_T::sum_t after = before;
                    after += in[c];
                    sums[j + c] = after;
                    out[c] = CONFIG_T::exclusive ? before : after;
                }
                y.write(out);
            }
        }
    }
}

} // namespace nnet

#endif
