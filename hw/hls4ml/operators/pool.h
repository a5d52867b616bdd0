// The largest integer or the sum of every window, channel by channel; windows may overlap, leave gaps and be dilated.
#ifndef CODESIGN_POOL_H_
#define CODESIGN_POOL_H_

#include "hls_stream.h"
#include "nnet_common.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T> res_T pool_join(bool first, res_T held, data_T tap) {
    #pragma HLS INLINE
    const res_T next = tap;
    if (first)
        return next;
    if (!CONFIG_T::largest)
        return held + next;
    if (next > held)
        return next;
    return held;
}

template <class data_T, class res_T, typename CONFIG_T>
void pool(data_T x[CONFIG_T::height * CONFIG_T::width * CONFIG_T::channels],
          res_T y[CONFIG_T::outputs_height * CONFIG_T::outputs_width * CONFIG_T::channels]) {
    #pragma HLS PIPELINE
    long out = 0;
Rows:
    for (long r = 0; r < CONFIG_T::outputs_height; r++) {
    Columns:
        for (long c = 0; c < CONFIG_T::outputs_width; c++) {
        Channels:
            for (long k = 0; k < CONFIG_T::channels; k++) {
                res_T held = 0;
            Taps:
                for (long i = 0; i < CONFIG_T::kernel_height; i++) {
                    for (long j = 0; j < CONFIG_T::kernel_width; j++) {
                        const long row = r * CONFIG_T::stride_height + i * CONFIG_T::dilation_height;
                        const long column = c * CONFIG_T::stride_width + j * CONFIG_T::dilation_width;
                        const long at = (row * CONFIG_T::width + column) * CONFIG_T::channels + k;
                        held = pool_join<data_T, res_T, CONFIG_T>(i == 0 && j == 0, held, x[at]);
                    }
                }
                y[out] = held;
                out++;
            }
        }
    }
}

template <class data_T, class res_T, typename CONFIG_T> void pool(hls::stream<data_T> &x, hls::stream<res_T> &y) {
    typedef typename data_T::value_type in_t;
    typedef typename res_T::value_type out_t;
    const long last_row = CONFIG_T::dilation_height * (CONFIG_T::kernel_height - 1);
    const long last_column = CONFIG_T::dilation_width * (CONFIG_T::kernel_width - 1);
    in_t lines[last_row > 0 ? last_row : 1][CONFIG_T::width][CONFIG_T::channels]; // rows above the one that is read
    #pragma HLS ARRAY_PARTITION variable=lines complete dim=1
    #pragma HLS ARRAY_RESHAPE variable=lines complete dim=3
    in_t window[last_row + 1][last_column + 1][CONFIG_T::channels];
    #pragma HLS ARRAY_PARTITION variable=window complete dim=0
    long due_row = last_row; // where the next windows end
Rows:
    for (long r = 0; r < CONFIG_T::height; r++) {
        long due_column = last_column;
    Columns:
        for (long c = 0; c < CONFIG_T::width; c++) {
            #pragma HLS PIPELINE
            const data_T in = x.read();
        Shift:
            for (long k = 0; k < CONFIG_T::channels; k++) {
                for (long i = 0; i <= last_row; i++) {
                    for (long j = 0; j < last_column; j++)
                        window[i][j][k] = window[i][j + 1][k];
                }
            Above:
                for (long i = 0; i < last_row; i++)
                    window[i][last_column][k] = lines[i][c][k];
                window[last_row][last_column][k] = in[k];
            Up:
                for (long i = 0; i < last_row; i++)
                    lines[i][c][k] = window[i + 1][last_column][k];
            }
            if (r == due_row && c == due_column) {
                res_T out;
                PRAGMA_DATA_PACK(out)
            Channels:
                for (long k = 0; k < CONFIG_T::channels; k++) {
                    out_t held = 0;
                Taps:
                    for (long i = 0; i < CONFIG_T::kernel_height; i++) {
                        for (long j = 0; j < CONFIG_T::kernel_width; j++) {
                            const in_t tap = window[i * CONFIG_T::dilation_height][j * CONFIG_T::dilation_width][k];
                            held = pool_join<in_t, out_t, CONFIG_T>(i == 0 && j == 0, held, tap);
                        }
                    }
                    out[k] = held;
                }
                y.write(out);
                due_column += CONFIG_T::stride_width;
            }
        }
        if (r == due_row)
            due_row += CONFIG_T::stride_height;
    }
}

} // namespace nnet

#endif
